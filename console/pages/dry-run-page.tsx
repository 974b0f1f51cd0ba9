import { useState } from "preact/hooks";
import { portalUrl, whereToFix } from "../../cli/check/portal.ts";
import { describeCode } from "../../cli/descriptions.ts";
import { usageSummary } from "../../cli/report/usage-summary.ts";
import { addClientCommand, type ExplainedAccess, explainAccess } from "../access.ts";
import type { DryRun } from "../lkps.ts";
import { AgentFrame } from "../parts/agent-frame.tsx";
import { Application, Command, Days, Refused, Table, Time, Waiting, YesOrNo } from "../parts/elements.tsx";
import { useLoaded, useNames, useServices } from "../services.ts";

const A_PAGE = 50;

/** Who would be refused if enforcement were on, before somebody turns it on. */
export function DryRunPage({ agent }: { agent: string }) {
  const { lkps, graph } = useServices();
  const [days, setDays] = useState(7);
  const { value, refusal, isWaiting, reload } = useLoaded(`${days}`, async (signal) => {
    const [answer, dryRun] = await Promise.all([
      lkps.authorization(agent, signal),
      lkps.dryRun(agent, days, signal),
    ]);
    return { access: explainAccess(answer, graph.url, null), dryRun };
  });
  return (
    <AgentFrame agent={agent} page="dry-run">
      <p class="lead">
        A dry run looks at who started sessions lately, and decides about each client as if enforcement were
        on. It changes nothing.
      </p>
      <Days value={days} onChange={setDays} />
      {isWaiting && <Waiting what="who started sessions lately" />}
      {refusal !== null && <Refused refusal={refusal} retry={reload} />}
      {value !== null && <Result {...value} />}
    </AgentFrame>
  );
}

function Result({ access, dryRun }: { access: ExplainedAccess; dryRun: DryRun }) {
  const [shown, setShown] = useState(A_PAGE);
  const { clients } = dryRun;
  const names = useNames(clients.map(({ client_app_id: client }) => client));
  const { list, registration, service } = access;
  const enforced = service !== null && "enforced" in service ? service.enforced : null;
  const { heading, sentence } = usageSummary(dryRun, enforced);
  const url = portalUrl(list);
  const denied = clients.filter(({ may_start_sessions: isAllowed }) => !isAllowed);
  return (
    <>
      <section aria-labelledby="use">
        <h2 id="use">{heading}</h2>
        <p class="lead">{sentence}</p>
        {clients.length > 0 && (
          <Table
            caption="Clients that started sessions, those that would be denied first"
            headings={["Allowed", "Client", "Sessions", "Latest"]}
            rows={clients.slice(0, shown).map((use) => ({
              key: use.client_app_id,
              cells: [
                <YesOrNo isYes={use.may_start_sessions} />,
                <>
                  <Application id={use.client_app_id} names={names} />
                  <p class="small">{describeCode(use.code)}</p>
                  {use.code === "client_not_pre_authorized" && (
                    <Command>{addClientCommand(access, use.client_app_id)}</Command>
                  )}
                </>,
                use.sessions,
                <Time at={use.last_started_at} />,
              ],
            }))}
          />
        )}
        {clients.length > shown && (
          <button type="button" onClick={() => setShown(shown + A_PAGE)}>
            Show more of {clients.length}
          </button>
        )}
        {denied.length > 0 && (
          <p class="where">
            To let a client connect, pre-authorize it.{" "}
            {url !== null && (
              <a href={url} rel="noreferrer" target="_blank">
                Open the {list.isBlueprint ? "blueprint" : "agent"} in the Microsoft Entra admin center
              </a>
            )}{" "}
            {whereToFix(list)}
          </p>
        )}
      </section>
      {registration !== null && (
        <section aria-labelledby="turn-on">
          <h2 id="turn-on">Turn enforcement on</h2>
          <p>{registration.sentence}</p>
          <Command>{registration.command}</Command>
        </section>
      )}
    </>
  );
}
