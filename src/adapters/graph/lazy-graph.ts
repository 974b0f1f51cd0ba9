import type { ClientId } from "../../domain/client-id.ts";
import { type Reading, type ReadLimits, unlimited } from "../../domain/graph-reading.ts";
import type {
  AgentOwnerDirectory,
  ApplicationDirectory,
  Clock,
  Directory,
  OwnerDirectory,
} from "../../domain/ports.ts";
import { lazy, lazyMethods } from "../lib/lazy.ts";
import { cachedDirectory, type StartedRead, type StartReads } from "./cached-directory.ts";
import type { OwnedReading } from "./identity-reader.ts";

/** Settings for reading Microsoft Graph. */
export interface GraphSettings {
  readonly baseUrl: string;
  /** How long a reading is cached, in seconds; 0 turns the cache off. */
  readonly cacheSeconds: number;
  readonly timeoutMs: number;
  readonly accessToken: (signal: AbortSignal) => Promise<string>;
}

/** Microsoft Graph; loads the SDK for the first read. */
export interface LazyGraph {
  readonly applications: ApplicationDirectory;
  readonly agentOwners: AgentOwnerDirectory;
  readonly owners: OwnerDirectory;
  /** Checks that Graph responds and that LKPS may read applications. */
  probe(): Promise<unknown>;
  load(): Promise<unknown>;
}

// About 100 MB if each of them pre-authorizes as many clients as a manifest can hold.
const MAX_CACHED_AGENTS = 1_000;
/** So that a former owner is refused after a minute at most. */
const MAX_OWNERS_CACHE_SECONDS = 60;

/** Creates a {@link LazyGraph}. */
export function createLazyGraph(settings: GraphSettings, clock: Clock): LazyGraph {
  const { baseUrl, cacheSeconds, timeoutMs, accessToken } = settings;
  const directory = <R extends Reading>(read: StartReads<R>, seconds: number): Directory<R> =>
    seconds === 0
      ? uncachedDirectory(read)
      : cachedDirectory(read, clock, { cacheSeconds: seconds, timeoutMs, maxEntries: MAX_CACHED_AGENTS });
  const load = lazy(async () => {
    const [{ createGraphClient }, { createIdentityReader }] = await Promise.all([
      import("./graph-client.ts"),
      import("./identity-reader.ts"),
    ]);
    const reader = createIdentityReader(createGraphClient(baseUrl, accessToken, clock), clock);
    const readOwned: StartReads<OwnedReading> = (agents, limits) =>
      agents.map((agent) => reader.readOwned(agent, limits));
    // Whatever the setting: an owner's view is current, but Graph is asked only once a second for it.
    return { reader, applications: directory(reader.read, cacheSeconds), owned: directory(readOwned, 1) };
  });
  // Not with the rest: only the console needs it.
  const loadOwners = lazy(async () => {
    const [{ createGraphClient }, { createAgentOwnersReader }] = await Promise.all([
      import("./graph-client.ts"),
      import("./agent-owners-reader.ts"),
    ]);
    const read = createAgentOwnersReader(baseUrl, createGraphClient(baseUrl, accessToken, clock), clock);
    return directory(read, Math.min(cacheSeconds, MAX_OWNERS_CACHE_SECONDS));
  });
  return {
    load,
    applications: lazyMethods(async () => (await load()).applications, "read", "readMany"),
    agentOwners: lazyMethods(loadOwners, "read"),
    owners: {
      readOwned: async (agent, limits) => (await load()).owned.read(agent, limits),
    },
    probe: async () => {
      const limits = { deadline: clock.elapsed() + timeoutMs, rateLimit: unlimited };
      return await (await load()).reader.probe(limits);
    },
  };
}

/** Reads Graph for every request; nothing is cached or shared. */
function uncachedDirectory<R>(read: StartReads<R>): Directory<R> {
  const readMany = async (agents: readonly ClientId[], limits: ReadLimits) =>
    await Promise.allSettled(read(agents, limits).map(({ result }) => result));
  return {
    readMany,
    read: async (agent, limits) => await (read([agent], limits)[0] as StartedRead<R>).result,
  };
}
