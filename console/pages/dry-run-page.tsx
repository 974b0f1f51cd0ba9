import { useState } from "preact/hooks";
import { describeCode } from "../../cli/descriptions.ts";
import { plural, usageSummary } from "../../cli/report/usage-summary.ts";
import { addClientCommand, explainAccess } from "../access.ts";
import type { Authorization, DryRun } from "../answers.ts";
import { Application, Command, Days, LongList, Time, WhereToFix, YesOrNo } from "../parts/elements.tsx";
import { Shown } from "../parts/shown.tsx";
import { useLoaded, useServices } from "../services.ts";

/** Who would be refused if enforcement were on, before somebody turns it on. */
export function DryRunPage({ agent }: { agent: string }) {
  const { lkps, graph } = useServices();
  const [days, setDays] = useState(7);
  const loaded = useLoaded(`${days}`, async (signal) => {
    const [answer, dryRun] = await Promise.all([
      lkps.read<Authorization>(agent, "authorization", signal),
      lkps.read<DryRun>(agent, `authorization/rehearsal?days=${days}`, signal),
    ]);
    return { access: explainAccess(answer, graph.url, null), dryRun };
  });
  return (
    <>
      <p>
        A dry run looks at who started sessions lately, and decides about each client as if enforcement were
        on. It changes nothing.
      </p>
      <Days value={days} onChange={setDays} />
      <Shown loaded={loaded} what="who started sessions lately">
        {({ access, dryRun }) => {
          const { heading, sentence } = usageSummary(dryRun, access.enforced);
          return (
            <>
              <section aria-labelledby="use">
                <h2 id="use">{heading}</h2>
                <p>{sentence}</p>
                <LongList kind="clients" items={dryRun.clients}>
                  {(use) => (
                    <li key={use.client_app_id}>
                      <YesOrNo isYes={use.may_start_sessions} />
                      <Application id={use.client_app_id} />
                      <div>
                        <p>{describeCode(use.code)}</p>
                        <p class="small">
                          {plural(use.sessions, "session")}, the latest <Time at={use.last_started_at} />
                        </p>
                        {use.code === "client_not_pre_authorized" && (
                          <Command>{addClientCommand(access, use.client_app_id)}</Command>
                        )}
                      </div>
                    </li>
                  )}
                </LongList>
                {dryRun.clients.some(({ may_start_sessions: isAllowed }) => !isAllowed) && (
                  <WhereToFix list={access.list} />
                )}
              </section>
              {access.registration !== null && (
                <section aria-labelledby="turn-on">
                  <h2 id="turn-on">
                    {access.enforced === null ? "Register the agent" : "Turn enforcement on"}
                  </h2>
                  <p>{access.registration.sentence}</p>
                  <Command>{access.registration.command}</Command>
                </section>
              )}
            </>
          );
        }}
      </Shown>
    </>
  );
}
