import type { ClientId } from "../../domain/client-id.ts";
import { unlimited } from "../../domain/graph-rate-limit.ts";
import type { ApplicationDirectory, Clock, OwnerDirectory } from "../../domain/ports.ts";
import { lazy } from "../lib/lazy.ts";
import { onceASecond } from "../lib/shared-reads.ts";
import { cachedDirectory } from "./cached-directory.ts";
import type { IdentityReader } from "./identity-reader.ts";

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
  readonly owners: OwnerDirectory;
  /** Checks that Graph responds and that LKPS may read applications. */
  probe(): Promise<unknown>;
  load(): Promise<unknown>;
}

// About 100 MB if each of them pre-authorizes as many clients as a manifest can hold.
const MAX_CACHED_APPLICATIONS = 1_000;

/** Creates a {@link LazyGraph}. */
export function createLazyGraph(settings: GraphSettings, clock: Clock): LazyGraph {
  const { baseUrl, cacheSeconds, timeoutMs, accessToken } = settings;
  const load = lazy(async () => {
    const [{ createGraphClient }, { createIdentityReader }] = await Promise.all([
      import("./graph-client.ts"),
      import("./identity-reader.ts"),
    ]);
    const reader = createIdentityReader(createGraphClient(baseUrl, accessToken, clock), clock);
    const cache = { cacheSeconds, timeoutMs, maxEntries: MAX_CACHED_APPLICATIONS };
    const applications =
      cacheSeconds === 0 ? uncachedDirectory(reader) : cachedDirectory(reader.read, clock, cache);
    return { reader, applications };
  });
  const shareRead = onceASecond<ClientId, Awaited<ReturnType<OwnerDirectory["readOwned"]>>>(clock);
  return {
    load,
    applications: {
      read: async (agent, limits, notBefore) => (await load()).applications.read(agent, limits, notBefore),
      readMany: async (agents, limits, notBefore) =>
        (await load()).applications.readMany(agents, limits, notBefore),
    },
    owners: {
      readOwned: (agent, limits) =>
        shareRead(agent, async () => (await load()).reader.readOwned(agent, limits)),
    },
    probe: async () => {
      const limits = { deadline: clock.elapsed() + timeoutMs, rateLimit: unlimited };
      return await (await load()).reader.probe(limits);
    },
  };
}

/** Reads Graph for every request; nothing is cached or shared. */
function uncachedDirectory({ read }: Pick<IdentityReader, "read">): ApplicationDirectory {
  return {
    read: async (agent, limits) => await read([agent], limits)[0].result,
    readMany: async (agents, limits) =>
      await Promise.allSettled(read(agents, limits).map(({ result }) => result)),
  };
}
