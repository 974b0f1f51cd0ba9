import { useState } from "preact/hooks";
import { plural } from "../../cli/report/usage-summary.ts";
import { verdictOf } from "../../cli/report/verdict.ts";
import { parseClientId } from "../../src/domain/client-id.ts";
import { explainAccess } from "../access.ts";
import type { OwnedAgent } from "../graph.ts";
import { Heading } from "../parts/agent-frame.tsx";
import { Name, Refused, Waiting } from "../parts/elements.tsx";
import { explain } from "../refusal.ts";
import { agentLink } from "../route.ts";
import { useLoaded, useServices } from "../services.ts";
import { isLive } from "../session-states.ts";

const AT_FIRST = 20;

/** The person's agents, each in one line; without Graph, one types an id. */
export function AgentsPage() {
  const { graph } = useServices();
  const [shown, setShown] = useState(AT_FIRST);
  const owned = useLoaded("owned", async (signal) => {
    // Without Graph, everything else still works.
    return await graph.ownedAgents(signal).catch((error) => (signal.aborted ? Promise.reject(error) : null));
  });
  const agents = owned.value ?? [];
  return (
    <main>
      <Heading title="Your agents">Your agents</Heading>
      {owned.isWaiting && <Waiting what="your app registrations from Microsoft Graph" />}
      {!owned.isWaiting && owned.value === null && (
        <p>
          Microsoft Graph does not tell this page what you own, so there are no lists and no names. Type an
          agent's id below. An administrator can grant the console the permission Application.Read.All.
        </p>
      )}
      {owned.value !== null && agents.length === 0 && (
        <p>You own no app registration and no agent identity in this tenant.</p>
      )}
      {agents.length > 0 && (
        <ul class="agents">
          {agents.slice(0, shown).map((agent) => (
            <AgentLine key={agent.id} agent={agent} />
          ))}
        </ul>
      )}
      {agents.length > shown && (
        <button type="button" onClick={() => setShown(shown + AT_FIRST)}>
          Show more of {agents.length}
        </button>
      )}
      <OpenById />
    </main>
  );
}

/** Who may connect, what needs fixing, and live sessions now. */
function AgentLine({ agent: { id, name } }: { agent: OwnedAgent }) {
  const { lkps, graph } = useServices();
  const { value, refusal, reload } = useLoaded(id, async (signal) => {
    const answer = await lkps.authorization(id, signal);
    const page = answer.registered ? await lkps.sessions(id, null, signal) : { sessions: [] };
    return { access: explainAccess(answer, graph.url, null), page };
  });
  const link = (
    <a class="name" href={agentLink(id)}>
      {name === null ? id : <Name>{name}</Name>}
    </a>
  );
  if (refusal?.code === "sign_in_expired") {
    return (
      <li>
        {link}
        <Refused refusal={refusal} retry={reload} />
      </li>
    );
  }
  if (value === null) {
    return (
      <li>
        {link}
        <p class="small">{refusal === null ? "Reading…" : `${explain(refusal).title}.`}</p>
      </li>
    );
  }
  const { access, page } = value;
  const { registered } = access.service as { registered: boolean };
  const isAgent = registered || access.view.scopeState !== "missing" || access.view.nearMisses.length > 0;
  if (!isAgent) {
    return (
      <li class="plain">
        {link}
        <p class="small">Not set up as an agent: not registered with LKPS, and no scope access_as_client.</p>
      </li>
    );
  }
  const { kind, sentence, more } = verdictOf(access);
  const live = page.sessions.filter(isLive).length;
  const isPart = "cursor" in page && page.cursor !== undefined;
  return (
    <li class={kind}>
      {link}
      <p>{sentence}.</p>
      {more !== null && <p class="small">{more}</p>}
      <p class="small">
        <a href={agentLink(id, "sessions")}>{plural(live, "live session")}</a>
        {isPart && " among the newest 100"}
      </p>
    </li>
  );
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
      <form onSubmit={open} noValidate>
        <label for="agent">Application (client) ID</label>
        <input
          id="agent"
          name="agent"
          autocomplete="off"
          spellcheck={false}
          aria-invalid={isWrong}
          aria-describedby="agent-hint"
        />
        <button type="submit">Open</button>
        <p id="agent-hint" class={isWrong ? "wrong" : "small"} role={isWrong ? "alert" : undefined}>
          {isWrong
            ? "This is not a client id. It has 32 hexadecimal digits and four dashes, as on the overview page of the app registration."
            : "Use this for an agent that you sponsor, or whose blueprint you own."}
        </p>
      </form>
    </section>
  );
}
