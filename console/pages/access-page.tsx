import { useState } from "preact/hooks";
import { portalUrl, whereToFix } from "../../cli/check/portal.ts";
import { factsOf } from "../../cli/report/facts.ts";
import { fixSteps } from "../../cli/report/fix-steps.ts";
import { verdictOf } from "../../cli/report/verdict.ts";
import { type ExplainedAccess, explainAccess } from "../access.ts";
import { AgentFrame } from "../parts/agent-frame.tsx";
import { Checks } from "../parts/checks.tsx";
import { Clients } from "../parts/clients.tsx";
import { Command, Name, Refused, Waiting } from "../parts/elements.tsx";
import { agentLink } from "../route.ts";
import { useLoaded, useNames, useServices } from "../services.ts";

const MAX_NAMED = 5;

/** Who may connect to one agent, why, and what to fix. */
export function AccessPage({ agent }: { agent: string }) {
  const { lkps, graph } = useServices();
  const { value, refusal, reload } = useLoaded(agent, async (signal) => {
    const answer = await lkps.authorization(agent, signal);
    const listedOn = answer.identity.blueprint_app_id ?? agent;
    // Only commands for a client need it, which must keep what else its entry grants.
    const isNeeded = answer.clients.some(({ may_start_sessions: isAllowed }) => !isAllowed);
    return explainAccess(answer, graph.url, isNeeded ? await graph.api(listedOn, signal) : null);
  });
  return (
    <AgentFrame agent={agent} page="access">
      {refusal !== null ? (
        <Refused refusal={refusal} retry={reload} />
      ) : value === null ? (
        <Waiting what="who may connect" />
      ) : (
        <Access access={value} />
      )}
    </AgentFrame>
  );
}

function Access({ access }: { access: ExplainedAccess }) {
  const { kind, sentence, more } = verdictOf(access);
  const { clients } = access;
  const [filter, setFilter] = useState("");
  const allowed = clients.filter(({ mayStartSessions }) => mayStartSessions).length;
  return (
    <>
      <section class={`verdict ${kind}`} aria-labelledby="verdict">
        <h2 id="verdict">{sentence}</h2>
        {more !== null && <p>{more}</p>}
        {clients.length > 0 && (
          <svg class="bar" viewBox={`0 0 ${clients.length} 1`} preserveAspectRatio="none" aria-hidden="true">
            <rect class="no" width={clients.length} height="1" />
            <rect class="yes" width={allowed} height="1" />
          </svg>
        )}
      </section>
      <section aria-labelledby="checks">
        <h2 id="checks">The three checks</h2>
        <Checks access={access} />
      </section>
      <dl class="facts">
        {factsOf(access).map(({ term, isGood, value, similar }) => (
          <div key={term} class={isGood === null ? "plain" : isGood ? "good" : "bad"}>
            <dt>{term}</dt>
            <dd>
              {value}
              {similar.length > 0 && (
                <ul>
                  {similar.map((miss) => (
                    <li key={miss}>
                      Similar: <Name>{miss}</Name>
                    </li>
                  ))}
                </ul>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <Fix access={access} onClient={setFilter} />
      <Clients access={access} filter={filter} onFilter={setFilter} />
    </>
  );
}

/** What to do, in order, with the page of the portal to do it on. */
function Fix({ access, onClient }: { access: ExplainedAccess; onClient: (client: string) => void }) {
  const { list, registration, agent } = access;
  const steps = fixSteps(access, registration);
  const names = useNames(
    steps.flatMap(({ clients }) => clients.slice(0, MAX_NAMED).map(({ client }) => client)),
  );
  const url = portalUrl(list);
  if (steps.length === 0) return null;
  return (
    <section aria-labelledby="fix">
      <h2 id="fix">How to fix it</h2>
      <ol class="steps">
        {steps.map(({ sentence, command, clients }) => (
          <li key={sentence}>
            {sentence}
            {clients.slice(0, MAX_NAMED).map(({ client }, n) => (
              <>
                {n === 0 ? " " : ", "}
                <button type="button" class="link" onClick={() => onClient(client)}>
                  <Name>{names.get(client) ?? client}</Name>
                </button>
              </>
            ))}
            {clients.length > MAX_NAMED && ` and ${clients.length - MAX_NAMED} more`}
            {clients.length > 0 && "."}
            {sentence === registration?.sentence && access.service !== null && (
              <>
                {" "}
                <a href={agentLink(agent, "dry-run")}>See first who would be denied</a>
              </>
            )}
            <Command>{command}</Command>
          </li>
        ))}
      </ol>
      <p class="where">
        {url !== null && (
          <>
            <a href={url} rel="noreferrer" target="_blank">
              Open the {list.isBlueprint ? "blueprint" : "agent"} in the Microsoft Entra admin center
            </a>
            .{" "}
          </>
        )}
        {whereToFix(list)}
      </p>
    </section>
  );
}
