import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Graph } from "./graph.ts";
import { Lkps, readConfiguration } from "./lkps.ts";
import { AccessPage } from "./pages/access-page.tsx";
import { AgentsPage } from "./pages/agents-page.tsx";
import { DryRunPage } from "./pages/dry-run-page.tsx";
import { SessionPage } from "./pages/session-page.tsx";
import { SessionsPage } from "./pages/sessions-page.tsx";
import { UsagePage } from "./pages/usage-page.tsx";
import { Heading } from "./parts/agent-frame.tsx";
import { Name, Waiting } from "./parts/elements.tsx";
import { explain, Refusal } from "./refusal.ts";
import { parseRoute, type Route } from "./route.ts";
import { ServicesContext } from "./services.ts";
import { type Configuration, Entra, type Person } from "./sign-in.ts";

/** What the page knows once it has started. */
interface Start {
  readonly configuration: Configuration;
  readonly entra: Entra;
  readonly person: Person | null;
  /** Why Entra did not sign the person in. */
  readonly failure: string | null;
}

async function start(): Promise<Start> {
  const configuration = await readConfiguration<Configuration>();
  const entra = await Entra.discover(configuration);
  try {
    return { configuration, entra, person: await entra.finishSignIn(), failure: null };
  } catch (error) {
    console.info(error);
    const failure = error instanceof Error ? error.message : String(error);
    return { configuration, entra, person: null, failure };
  }
}

function Console() {
  const [started, setStarted] = useState<Start | Refusal | null>(null);
  useEffect(() => {
    start().then(setStarted, (error) =>
      setStarted(error instanceof Refusal ? error : new Refusal("directory_unavailable")),
    );
  }, []);
  if (started === null) {
    return (
      <main>
        <Waiting what="where to sign in" />
      </main>
    );
  }
  if (started instanceof Refusal) {
    const { title, text } = explain(started);
    return (
      <main>
        <Heading title={title}>{title}</Heading>
        <p>{text}</p>
        <button type="button" onClick={() => location.reload()}>
          Try again
        </button>
      </main>
    );
  }
  const { person, ...rest } = started;
  return person === null ? <SignedOut {...rest} /> : <SignedIn {...rest} person={person} />;
}

function SignedOut({ entra, failure }: Pick<Start, "entra" | "failure">) {
  return (
    <main>
      <Heading title="Sign in">LKPS console</Heading>
      {failure !== null && (
        <p class="wrong" role="alert">
          Microsoft Entra ID did not sign you in: <Name>{failure}</Name>
        </p>
      )}
      <p>
        See who may connect to your agents, fix what is wrong, and end sessions. Sign in with the account that
        owns them.
      </p>
      <button type="button" class="main" onClick={() => entra.signIn()}>
        Sign in with Microsoft
      </button>
    </main>
  );
}

function SignedIn({ configuration, entra, person }: Omit<Start, "failure"> & { person: Person }) {
  const services = useMemo(
    () => ({
      lkps: new Lkps(person),
      graph: new Graph(configuration.graph_base_url, person),
      signIn: () => void entra.signIn(),
    }),
    [person],
  );
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  // A screen reader continues at the new page's heading.
  useEffect(() => document.querySelector("h1")?.focus(), [hash]);
  return (
    <ServicesContext.Provider value={services}>
      <header class="top">
        <a href="#/">LKPS console</a>
        <span>
          <Name>{person.name}</Name>{" "}
          <button type="button" onClick={() => entra.signOut()}>
            Sign out
          </button>
        </span>
      </header>
      <Page key={hash} route={parseRoute(hash)} />
    </ServicesContext.Provider>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "agents":
      return <AgentsPage />;
    case "access":
      return <AccessPage agent={route.agent} />;
    case "dry-run":
      return <DryRunPage agent={route.agent} />;
    case "sessions":
      return <SessionsPage agent={route.agent} />;
    case "session":
      return <SessionPage agent={route.agent} id={route.session} />;
    case "usage":
      return <UsagePage agent={route.agent} />;
    case "unknown":
      return (
        <main>
          <Heading title="No such page">There is no such page</Heading>
          <p>
            <a href="#/">Your agents</a>
          </p>
        </main>
      );
  }
}

const root = document.querySelector("#console");
if (root !== null) render(<Console />, root);
