import { useState } from "preact/hooks";
import { describeCode, describeState } from "../../cli/descriptions.ts";
import { plural } from "../../cli/report/usage-summary.ts";
import type { Session } from "../answers.ts";
import { Application, Time } from "../parts/elements.tsx";
import { EndSession } from "../parts/end-session.tsx";
import { Shown } from "../parts/shown.tsx";
import { useLoaded, useServices } from "../services.ts";
import { isLive } from "../session-states.ts";

/** One session, and what became of it. */
export function SessionPage({ agent, id }: { agent: string; id: string }) {
  const { lkps } = useServices();
  const [ended, setEnded] = useState("");
  const loaded = useLoaded(id, (signal) => lkps.read<Session>(agent, `sessions/${id}`, signal));
  const onEnded = () => {
    setEnded("The session has ended.");
    document.querySelector("h1")?.focus();
    loaded.reload();
  };
  return (
    <section aria-labelledby="session">
      <h2 id="session">Session</h2>
      <p role="status">{ended}</p>
      <Shown loaded={loaded} what="the session">
        {(session) => (
          <>
            <dl class="facts">
              {detailsOf(session).map(([term, detail]) => (
                <div key={term} class="plain">
                  <dt>{term}</dt>
                  <dd>{detail}</dd>
                </div>
              ))}
            </dl>
            {isLive(session) && <EndSession agent={agent} session={session} onEnded={onEnded} />}
          </>
        )}
      </Shown>
    </section>
  );
}

function detailsOf(session: Session) {
  const time = (at: string | null) => (at === null ? "–" : <Time at={at} />);
  const id = (value: string) => <span class="id">{value}</span>;
  return [
    ["State", describeState(session)],
    ["Client", <Application key="client" id={session.client_app_id} />],
    ["Why it could start", describeCode(session.basis)],
    ["Started", time(session.started_at)],
    ["Participant joined", time(session.joined_at)],
    ["Agent joined", time(session.agent_joined_at)],
    ["Agent called again", plural(session.agent_recalls, "time")],
    ["Ended", time(session.ended_at)],
    ["Session id", id(session.session_id)],
    ["Room", id(session.room_name)],
    ["Decision id", id(session.decision_id)],
  ] as const;
}
