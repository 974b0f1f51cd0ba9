import { useState } from "preact/hooks";
import { describeCode } from "../../cli/descriptions.ts";
import { AgentFrame } from "../parts/agent-frame.tsx";
import { Application, Refused, Time, Waiting } from "../parts/elements.tsx";
import { EndSession } from "../parts/end-session.tsx";
import { useLoaded, useNames, useServices } from "../services.ts";
import { describeState, isLive } from "../session-states.ts";

/** One session, and what became of it. */
export function SessionPage({ agent, id }: { agent: string; id: string }) {
  const { lkps } = useServices();
  const [ended, setEnded] = useState("");
  const { value, refusal, reload } = useLoaded(id, (signal) => lkps.session(agent, id, signal));
  const names = useNames(value === null ? [] : [value.client_app_id]);
  const onEnded = () => {
    setEnded("The session has ended.");
    document.querySelector("h1")?.focus();
    reload();
  };
  const time = (at: string | null) => (at === null ? "–" : <Time at={at} />);
  return (
    <AgentFrame agent={agent} page="sessions">
      <section aria-labelledby="session">
        <h2 id="session">Session</h2>
        <p role="status">{ended}</p>
        {refusal !== null && <Refused refusal={refusal} retry={reload} agent={agent} />}
        {refusal === null && value === null && <Waiting what="the session" />}
        {value !== null && (
          <>
            <dl class="details">
              {(
                [
                  ["State", describeState(value)],
                  ["Client", <Application id={value.client_app_id} names={names} />],
                  ["Why it could start", describeCode(value.basis)],
                  ["Started", time(value.started_at)],
                  ["Participant joined", time(value.joined_at)],
                  ["Agent joined", time(value.agent_joined_at)],
                  ["Calls to the agent again", value.agent_recalls],
                  ["Ended", time(value.ended_at)],
                  ["Session id", <span class="id">{value.session_id}</span>],
                  ["Room", <span class="id">{value.room_name}</span>],
                  ["Decision id", <span class="id">{value.decision_id}</span>],
                ] as const
              ).map(([term, detail]) => (
                <div key={term}>
                  <dt>{term}</dt>
                  <dd>{detail}</dd>
                </div>
              ))}
            </dl>
            {isLive(value) && <EndSession agent={agent} session={value} names={names} onEnded={onEnded} />}
          </>
        )}
      </section>
    </AgentFrame>
  );
}
