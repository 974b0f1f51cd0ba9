import { useState } from "preact/hooks";
import { factsOf } from "../../cli/report/facts.ts";
import { type FixStep, fixSteps } from "../../cli/report/fix-steps.ts";
import { verdictOf } from "../../cli/report/verdict.ts";
import { type ExplainedAccess, explainAccess } from "../access.ts";
import type { Authorization } from "../answers.ts";
import { Checks } from "../parts/checks.tsx";
import { Clients } from "../parts/clients.tsx";
import { Command, Name, Time, WhereToFix } from "../parts/elements.tsx";
import { Shown } from "../parts/shown.tsx";
import { agentLink } from "../route.ts";
import { useLoaded, useNames, useServices } from "../services.ts";

/** Who may connect to one agent, why, and what to fix. */
export function AccessPage({ agent }: { agent: string }) {
  const { lkps, graph } = useServices();
  const [filter, setFilter] = useState("");
  const loaded = useLoaded<ExplainedAccess>(agent, async (signal, show) => {
    const answer = await lkps.read<Authorization>(agent, "authorization", signal);
    const access = explainAccess(answer, graph.url, null);
    if (answer.clients.every(({ may_start_sessions: isAllowed }) => isAllowed)) return access;
    show(access);
    // Only a command for a client needs it, which must keep what else the client's entry grants.
    const api = await graph.api(answer.identity.blueprint_app_id ?? agent, signal);
    return api === null ? access : explainAccess(answer, graph.url, api);
  });
  return (
    <Shown loaded={loaded} what="who may connect">
      {(access) => (
        <>
          <Verdict access={access} />
          <section aria-labelledby="checks">
            <h2 id="checks">The three checks</h2>
            <Checks access={access} />
            <p class="actions small">
              <span>
                Read from Microsoft Entra ID on <Time at={access.answer.application_read_at} />
              </span>
              <button type="button" onClick={loaded.reload}>
                Check again
              </button>
            </p>
          </section>
          <Facts access={access} />
          <Fix access={access} onClient={setFilter} />
          <Clients access={access} filter={filter} onFilter={setFilter} />
        </>
      )}
    </Shown>
  );
}

function Verdict({ access }: { access: ExplainedAccess }) {
  const { kind, sentence, more } = verdictOf(access);
  const { clients } = access;
  const allowed = clients.filter(({ mayStartSessions }) => mayStartSessions).length;
  return (
    <section class={`verdict ${kind}`} aria-labelledby="verdict">
      <h2 id="verdict">{sentence}</h2>
      {more !== null && <p>{more}</p>}
      {clients.length > 0 && (
        <svg class="bar" viewBox={`0 0 ${clients.length} 1`} preserveAspectRatio="none" aria-hidden="true">
          <rect class="no" width={clients.length} height="1" />
          <rect class="yes" width={allowed} height="1" />
        </svg>
      )}
      {!access.answer.complete && <p>LKPS lists 3,000 clients, those that may not start sessions first.</p>}
    </section>
  );
}

function Facts({ access }: { access: ExplainedAccess }) {
  return (
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
  );
}

interface FixProps {
  readonly access: ExplainedAccess;
  readonly onClient: (client: string) => void;
}

/** What to do, in order, and where. */
function Fix({ access, onClient }: FixProps) {
  const steps = fixSteps(access, access.registration);
  if (steps.length === 0) return null;
  return (
    <section aria-labelledby="fix">
      <h2 id="fix">How to fix it</h2>
      <ol class="steps">
        {steps.map(({ sentence, command, clients }) => (
          <li key={sentence}>
            {sentence}
            {clients.length > 0 && <ClientButtons clients={clients} onClient={onClient} />}{" "}
            {access.enforced === false && sentence === access.registration?.sentence && (
              <a href={agentLink(access.agent, "dry-run")}>See first who would be denied.</a>
            )}
            <Command>{command}</Command>
          </li>
        ))}
      </ol>
      <WhereToFix list={access.list} />
    </section>
  );
}

const MAX_NAMED = 5;

function ClientButtons({ clients, onClient }: Pick<FixStep, "clients"> & Pick<FixProps, "onClient">) {
  const shown = clients.slice(0, MAX_NAMED).map(({ client }) => client);
  const names = useNames(shown);
  return (
    <>
      {shown.map((client, n) => (
        <span key={client}>
          {n === 0 ? " " : ", "}
          <button type="button" class="link" onClick={() => onClient(client)}>
            <Name>{names.get(client) ?? client}</Name>
          </button>
        </span>
      ))}
      {clients.length > MAX_NAMED && ` and ${clients.length - MAX_NAMED} more`}.
    </>
  );
}
