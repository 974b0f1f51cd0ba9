import { useState } from "preact/hooks";
import { plural } from "../../cli/report/usage-summary.ts";
import type { Usage } from "../answers.ts";
import { Application, Days, LongList, Time } from "../parts/elements.tsx";
import { Shown } from "../parts/shown.tsx";
import { useLoaded, useServices } from "../services.ts";

/** Who uses the agent, and how much: a bar for each client. */
export function UsagePage({ agent }: { agent: string }) {
  const { lkps } = useServices();
  const [days, setDays] = useState(7);
  const loaded = useLoaded(`${days}`, (signal) => lkps.read<Usage>(agent, `usage?days=${days}`, signal));
  return (
    <section aria-labelledby="usage" aria-busy={loaded.isWaiting}>
      <h2 id="usage">Sessions by client</h2>
      <Days value={days} onChange={setDays} />
      <Shown loaded={loaded} what="the usage">
        {(usage) => <Chart usage={usage} />}
      </Shown>
    </section>
  );
}

function Chart({ usage: { clients, complete, days } }: { usage: Usage }) {
  const total = clients.reduce((sum, { sessions }) => sum + sessions, 0);
  // The busiest comes first.
  const most = clients[0]?.sessions ?? 1;
  return (
    <>
      <p>
        {plural(total, "session")} of {plural(clients.length, "client application")} in the last{" "}
        {days === 1 ? "day" : `${days} days`}.
        {total > 0 && " The gray part of a bar is sessions that no participant joined."}
        {!complete && " There were more than LKPS counts at once, so some are left out."}
      </p>
      <LongList kind="chart" items={clients}>
        {({ client_app_id: client, sessions, joined, minutes, last_started_at: latest }) => (
          <li key={client}>
            <Application id={client} />
            <svg class="bar" viewBox={`0 0 ${most} 1`} preserveAspectRatio="none" aria-hidden="true">
              <rect class="started" width={sessions} height="1" />
              <rect class="joined" width={joined} height="1" />
            </svg>
            <p class="small">
              {plural(sessions, "session")}, {joined} joined, {Math.round(minutes)} min. The latest{" "}
              <Time at={latest} />
            </p>
          </li>
        )}
      </LongList>
    </>
  );
}
