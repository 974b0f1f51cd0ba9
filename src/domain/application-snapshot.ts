import type { EntraIdentity } from "./entra-identity.ts";
import type { GraphRateLimit } from "./graph-rate-limit.ts";

/** An agent's identity, with the application whose list of clients counts for it, as read from Microsoft Graph. */
export interface ApplicationSnapshot {
  /** `null` if Graph has neither an application nor an agent identity with this id. */
  readonly identity: EntraIdentity | null;
  /** Wall-clock time of the first request to Graph, for responses and the log. */
  readonly readAt: Date;
  /** The same moment on the clock of `Clock.elapsed`. The age of the reading is measured from here. */
  readonly requestedAt: number;
  /** `sha256:` and the hash of what decisions rest on. Equal digests mean equal configuration. `null` if there is no identity. */
  readonly digest: string | null;
  /** `graph` if this request read Graph, `cache` if an earlier reading was used. */
  readonly source: "graph" | "cache";
  /** The number of requests to Graph; 0 from the cache. */
  readonly attempts: number;
}

/** The limits of one read of Graph. */
export interface ReadLimits {
  /** When the read, or waiting for it, must end, on the clock of `Clock.elapsed`. */
  readonly deadline: number;
  /** Charged for each request to Graph. Cached readings, and reads that other callers started, are free. */
  readonly rateLimit: GraphRateLimit;
}
