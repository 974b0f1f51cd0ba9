import { useState } from "preact/hooks";
import { fixSteps } from "../../cli/report/fix-steps.ts";
import { plural } from "../../cli/report/usage-summary.ts";
import { verdictOf } from "../../cli/report/verdict.ts";
import { parseClientId } from "../../src/domain/client-id.ts";
import { type ExplainedAccess, explainAccess } from "../access.ts";
import type { Authorization, SessionPage } from "../answers.ts";
import type { OwnedAgent } from "../graph.ts";
import { Heading, LongList, Name } from "../parts/elements.tsx";
import { Shown } from "../parts/shown.tsx";
import { agentLink } from "../route.ts";
import { useLoaded, useServices } from "../services.ts";
import { isLive } from "../session-states.ts";

/** The person's agents; without Graph, they type an id. */
export function AgentsPage() {
  const { graph } = useServices();
  const loaded = useLoaded("owned", async (signal) => ({
    agents: await graph.ownedAgents(signal).catch(() => null),
  }));
  return (
    <main>
      <Heading title="Your agents">Your agents</Heading>
      <Shown loaded={loaded} what="what you own from Microsoft Graph">
        {({ agents }) =>
          agents === null ? (
            <p>
              Microsoft Graph does not tell this page what you own, so there is no list, and there are no
              names. Type an agent's id. An administrator can grant the console the permission
              Application.Read.All.
            </p>
          ) : agents.length === 0 ? (
            <p>You own no app registration and no agent identity in this tenant.</p>
          ) : (
            <LongList kind="agents" items={agents}>
              {(agent) => <AgentLine key={agent.id} agent={agent} />}
            </LongList>
          )
        }
      </Shown>
      <OpenById />
    </main>
  );
}

/** Who may connect, what needs fixing, and live sessions now. */
function AgentLine({ agent: { id, name } }: { agent: OwnedAgent }) {
  const { lkps, graph } = useServices();
  const loaded = useLoaded(id, async (signal) => {
    const answer = await lkps.read<Authorization>(id, "authorization", signal);
    const isPlain = !answer.registered && answer.scope.state === "missing" && answer.clients.length === 0;
    const page = answer.registered ? await lkps.read<SessionPage>(id, "sessions?limit=100", signal) : null;
    return { access: explainAccess(answer, graph.url, null), isPlain, page };
  });
  const kind = loaded.value === null || loaded.value.isPlain ? "" : verdictOf(loaded.value.access).kind;
  return (
    <li class={kind}>
      <a class="name" href={agentLink(id)}>
        <Name>{name ?? id}</Name>
      </a>
      <Shown loaded={loaded} what="who may connect">
        {({ access, isPlain, page }) =>
          isPlain ? (
            <p class="small">
              Not an agent: it is not registered with LKPS, and has no scope access_as_client.
            </p>
          ) : (
            <>
              <p>{verdictOf(access).sentence}.</p>
              <p class="small">{whatToFix(access)}</p>
              {page !== null && (
                <p class="small">
                  <a href={agentLink(id, "sessions")}>
                    {plural(page.sessions.filter(isLive).length, "live session")}
                  </a>
                  {page.cursor !== undefined && ` among the newest ${page.sessions.length}`}
                </p>
              )}
            </>
          )
        }
      </Shown>
    </li>
  );
}

function whatToFix(access: ExplainedAccess): string {
  const { more } = verdictOf(access);
  const [step] = fixSteps(access, access.registration);
  if (more !== null || step === undefined) return more ?? "Nothing to fix.";
  return `${step.sentence} ${step.clients.length > 0 ? `${plural(step.clients.length, "client")}.` : ""}`;
}

function OpenById() {
  const [isWrong, setWrong] = useState(false);
  const open = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget as HTMLFormElement).get("agent");
    const id = parseClientId(String(typed).trim());
    setWrong(id === undefined);
    if (id !== undefined) location.hash = agentLink(id);
  };
  return (
    <section aria-labelledby="by-id">
      <h2 id="by-id">Open an agent by its id</h2>
      <form onSubmit={open} noValidate class="actions">
        <label for="agent">Application (client) ID</label>
        <input id="agent" name="agent" size={36} aria-invalid={isWrong} aria-describedby="agent-hint" />
        <button type="submit">Open</button>
      </form>
      <p id="agent-hint" role="status" class={isWrong ? "wrong" : "small"}>
        {isWrong
          ? "This is not a client id. Copy it from the overview page of the app registration."
          : "For an agent that you sponsor, or whose blueprint you own."}
      </p>
    </section>
  );
}
