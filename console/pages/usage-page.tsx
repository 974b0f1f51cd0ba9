import { useState } from "preact/hooks";
import { plural } from "../../cli/report/usage-summary.ts";
import type { Usage } from "../lkps.ts";
import { AgentFrame } from "../parts/agent-frame.tsx";
import { Application, Days, Refused, Time, Waiting } from "../parts/elements.tsx";
import { useLoaded, useNames, useServices } from "../services.ts";

const A_PAGE = 20;

/** Who uses the agent, and how much: a bar for each client. */
export function UsagePage({ agent }: { agent: string }) {
  const { lkps } = useServices();
  const [days, setDays] = useState(7);
  const { value, refusal, isWaiting, reload } = useLoaded(`${days}`, (signal) =>
    lkps.usage(agent, days, signal),
  );
  return (
    <AgentFrame agent={agent} page="usage">
      <section aria-labelledby="usage" aria-busy={isWaiting}>
        <h2 id="usage">Sessions by client</h2>
        <Days value={days} onChange={setDays} />
        {isWaiting && <Waiting what="the usage" />}
        {refusal !== null && <Refused refusal={refusal} retry={reload} />}
        {value !== null && <Chart usage={value} />}
      </section>
    </AgentFrame>
  );
}

function Chart({ usage: { clients, complete, days } }: { usage: Usage }) {
  const [shown, setShown] = useState(A_PAGE);
  const names = useNames(clients.slice(0, shown).map(({ client_app_id: client }) => client));
  const most = Math.max(1, ...clients.slice(0, 1).map(({ sessions }) => sessions));
  const total = clients.reduce((sum, { sessions }) => sum + sessions, 0);
  const period = days === 1 ? "day" : `${days} days`;
  return (
    <>
      <p class="lead">
        {plural(total, "session")} of {plural(clients.length, "client application")} in the last {period}.
        {complete ? "" : " There were more than LKPS counts at once, so older ones are left out."}
      </p>
      <ul class="chart">
        {clients.slice(0, shown).map((use) => (
          <li key={use.client_app_id}>
            <Application id={use.client_app_id} names={names} />
            <svg class="bar" viewBox={`0 0 ${most} 1`} preserveAspectRatio="none" aria-hidden="true">
              <rect class="started" width={use.sessions} height="1" />
              <rect class="joined" width={use.joined} height="1" />
            </svg>
            <p>
              {plural(use.sessions, "session")}, {use.joined} joined, {Math.round(use.minutes)} min. Latest:{" "}
              <Time at={use.last_started_at} />
            </p>
          </li>
        ))}
      </ul>
      {clients.length > shown && (
        <button type="button" onClick={() => setShown(shown + A_PAGE)}>
          Show more of {clients.length}
        </button>
      )}
    </>
  );
}
