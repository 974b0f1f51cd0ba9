import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Configuration } from "./answers.ts";
import { Graph } from "./graph.ts";
import { lkpsFor, readConfiguration } from "./lkps.ts";
import { AccessPage } from "./pages/access-page.tsx";
import { AgentsPage } from "./pages/agents-page.tsx";
import { DryRunPage } from "./pages/dry-run-page.tsx";
import { SessionPage } from "./pages/session-page.tsx";
import { SessionsPage } from "./pages/sessions-page.tsx";
import { UsagePage } from "./pages/usage-page.tsx";
import { AgentFrame } from "./parts/agent-frame.tsx";
import { Heading, Name } from "./parts/elements.tsx";
import { Refused, Waiting } from "./parts/shown.tsx";
import type { Person } from "./person.ts";
import { Refusal } from "./refusal.ts";
import { parseRoute } from "./route.ts";
import { ServicesContext } from "./services.ts";
import { openSignIn, type SignIn } from "./sign-in.ts";

/** What the page knows once it has started. */
interface Start {
  readonly configuration: Configuration;
  readonly entra: SignIn;
  readonly person: Person | null;
  /** Why Entra did not sign the person in. */
  readonly failure: string | null;
}

async function start(): Promise<Start> {
  const configuration = await readConfiguration();
  const entra = await openSignIn(configuration).catch(() => {
    throw new Refusal("entra_unreachable");
  });
  try {
    return { configuration, entra, person: await entra.finish(), failure: null };
  } catch (error) {
    return { configuration, entra, person: null, failure: (error as Error).message };
  }
}

function Console() {
  const [started, setStarted] = useState<Start | Refusal | null>(null);
  useEffect(() => void start().then(setStarted, setStarted), []);
  if (started === null || started instanceof Refusal) {
    return (
      <main>
        <Heading title="Sign in">LKPS console</Heading>
        {started === null && <Waiting what="where to sign in" />}
        {started !== null && <Refused refusal={started} retry={() => location.reload()} />}
      </main>
    );
  }
  const { person, ...rest } = started;
  return person === null ? <SignedOut {...rest} /> : <SignedIn {...rest} person={person} />;
}

function SignedOut({ entra, failure: first }: Pick<Start, "entra" | "failure">) {
  const [failure, setFailure] = useState(first);
  const signIn = () =>
    entra
      .begin()
      .catch(() => setFailure("Your browser keeps no data of this page. Allow it, and try again."));
  return (
    <main>
      <Heading title="Sign in">LKPS console</Heading>
      {failure !== null && (
        <p class="wrong" role="alert">
          Microsoft Entra ID did not sign you in. <Name>{failure}</Name>
        </p>
      )}
      <p>
        See who may connect to your agents, fix what is wrong, and end sessions. Sign in with the account that
        owns them.
      </p>
      <button type="button" class="main" onClick={signIn}>
        Sign in with Microsoft
      </button>
    </main>
  );
}

function SignedIn({ configuration, entra, person }: Omit<Start, "failure"> & { person: Person }) {
  const services = useMemo(() => {
    const graph = new Graph(configuration.graph_base_url, person);
    return { lkps: lkpsFor(person), graph, signIn: () => void entra.begin() };
  }, [configuration, entra, person]);
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener("hashchange", follow);
    // The way back after signing out must not bring back the page with its tokens.
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
    return () => removeEventListener("hashchange", follow);
  }, []);
  // A screen reader continues at the new page's heading.
  useEffect(() => document.querySelector("h1")?.focus(), [hash]);
  return (
    <ServicesContext.Provider value={services}>
      <header class="top">
        <a href="#/">LKPS console</a>
        <div>
          <Name>{person.name}</Name>{" "}
          <button type="button" onClick={() => entra.signOut()}>
            Sign out
          </button>
        </div>
      </header>
      <Page key={hash} hash={hash} />
    </ServicesContext.Provider>
  );
}

function Page({ hash }: { hash: string }) {
  const route = parseRoute(hash);
  if (route.page === "agents") return <AgentsPage />;
  if (route.page === "unknown") {
    return (
      <main>
        <Heading title="No such page">LKPS console</Heading>
        <Refused refusal={new Refusal("no_such_page")} />
      </main>
    );
  }
  const { agent } = route;
  return (
    <AgentFrame agent={agent} page={route.page === "session" ? "sessions" : route.page}>
      {route.page === "access" && <AccessPage agent={agent} />}
      {route.page === "dry-run" && <DryRunPage agent={agent} />}
      {route.page === "sessions" && <SessionsPage agent={agent} />}
      {route.page === "session" && <SessionPage agent={agent} id={route.session} />}
      {route.page === "usage" && <UsagePage agent={agent} />}
    </AgentFrame>
  );
}

const root = document.querySelector("#console");
if (root !== null) render(<Console />, root);
