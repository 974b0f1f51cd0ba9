import type { ClientId } from "../../domain/client-id.ts";
import { unlimited } from "../../domain/graph-rate-limit.ts";
import type { ApplicationDirectory, Clock, OwnerDirectory } from "../../domain/ports.ts";
import { lazy } from "../lib/lazy.ts";
import { onceASecond } from "../lib/once-a-second.ts";
import { waitUntil } from "../lib/timeout.ts";
import { cachedDirectory } from "./cached-directory.ts";
import { uncachedDirectory } from "./uncached-directory.ts";

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

/** Creates a {@link LazyGraph}. `clock` measures the age of readings. */
export function createLazyGraph(settings: GraphSettings, clock: Pick<Clock, "elapsed">): LazyGraph {
  const { baseUrl, cacheSeconds, timeoutMs, accessToken } = settings;
  const load = lazy(async () => {
    const [{ createGraphClient }, { createApplicationReader }, { createOwnerDirectory }] = await Promise.all([
      import("./graph-client.ts"),
      import("./application-reader.ts"),
      import("./owner-directory.ts"),
    ]);
    const callGraph = createGraphClient(baseUrl, accessToken);
    const reader = createApplicationReader(callGraph);
    const cache = { cacheSeconds, timeoutMs, waitUntil, maxEntries: MAX_CACHED_APPLICATIONS };
    return {
      reader,
      applications: cacheSeconds === 0 ? uncachedDirectory(reader) : cachedDirectory(reader, clock, cache),
      owners: createOwnerDirectory(callGraph),
    };
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
        shareRead(agent, async () => (await load()).owners.readOwned(agent, limits)),
    },
    probe: async () => {
      const limits = { deadline: clock.elapsed() + timeoutMs, rateLimit: unlimited };
      return await (await load()).reader.probe(limits);
    },
  };
}
