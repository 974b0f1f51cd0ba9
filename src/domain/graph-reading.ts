import type { EntraIdentity } from "./application.ts";

/** What was read from Microsoft Graph about an agent, and when. */
export interface Reading {
  /** When the first request was sent, on the clock of `Clock.elapsed`. The age of the reading is measured from here. */
  readonly requestedAt: number;
  /** `graph` if this request read Graph, `cache` if an earlier reading was used. */
  readonly source: "graph" | "cache";
  /** The number of requests to Graph; 0 from the cache. */
  readonly attempts: number;
}

/** An agent's identity, with the application whose list of clients counts for it. */
export interface ApplicationSnapshot extends Reading {
  /** `null` if Graph has neither an application nor an agent identity with this id. */
  readonly identity: EntraIdentity | null;
  /** Wall-clock time of the first request to Graph, for responses and the log. */
  readonly readAt: Date;
  /** `sha256:` and the hash of what decisions rest on. Equal digests mean equal configuration. `null` if there is no identity. */
  readonly digest: string | null;
}

/** The owners of an agent. */
export interface AgentOwners extends Reading {
  /**
   * The object ids, in lower case, of the owners of its application; of an agent identity, those of its own owners and
   * sponsors, and of its blueprint's owners. Empty if there is no such agent. Service principals among them do no harm:
   * no two objects of a directory have the same id, and only a user's token has a scope.
   */
  readonly owners: ReadonlySet<string>;
}

/** The limits of one read of Graph. */
export interface ReadLimits {
  /** When the read, or waiting for it, must end, on the clock of `Clock.elapsed`. */
  readonly deadline: number;
  /** Charged for each request to Graph. Cached readings, and reads that other callers started, are free. */
  readonly rateLimit: GraphRateLimit;
}

/** For an agent identity: the application, which does not exist, the service principal, and the blueprint. */
export const MAX_REQUESTS_PER_AGENT = 3;

/** Limits the requests to Graph that a caller may cause. */
export interface GraphRateLimit {
  /**
   * Counts requests, one by default, from now on, even if they are sent later. Call it before they are sent.
   *
   * @throws RateLimitError if they would exceed the limit; then none of them counts
   */
  acquire(count?: number): void;
  /** The number of requests that are left. */
  remaining(): number;
}

/** For requests that LKPS makes on its own behalf. */
export const unlimited: GraphRateLimit = {
  acquire: () => {},
  remaining: () => Number.POSITIVE_INFINITY,
};

/** Thrown when a caller reaches its limit of requests to Graph, or of rehearsals that wait. Leads to a 429 for that caller only. */
export class RateLimitError extends Error {
  override readonly name = "RateLimitError";
  /** When to retry, in whole seconds; at least 1. */
  readonly retryAfterSeconds: number;
  /** The number of requests to Graph before the limit was reached. */
  readonly attempts: number;

  /** @param cause - if the request was a retry, why the one before it failed */
  constructor(retryAfterMs: number, attempts = 0, cause?: unknown) {
    super("The caller has reached its limit of reads", { cause });
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    this.attempts = attempts;
  }
}
