import { createHash } from "node:crypto";
import { type EntraIdentity, indexApplication } from "../../domain/application.ts";
import type { OwnedApplication } from "../../domain/authorization-view.ts";
import { type ClientId, PROBE_CLIENT_ID } from "../../domain/client-id.ts";
import type { ApplicationSnapshot, Reading, ReadLimits } from "../../domain/graph-reading.ts";
import type { Clock, OwnerDirectory } from "../../domain/ports.ts";
import type { StartedRead, StartReads } from "./cached-directory.ts";
import type { CallGraph, GraphResponse, ReadProgress } from "./graph-client.ts";
import { type Get, withGraph } from "./graph-requests.ts";
import { apiOf, listIn, resourceIn, toReadFailure } from "./graph-response.ts";
import { applicationPath, type Find, readIdentity } from "./read-identity.ts";

/** What an owner sees of an agent. */
export type OwnedReading = Awaited<ReturnType<OwnerDirectory["readOwned"]>> & Reading;

/** Reads agents' identities and their applications from Microsoft Graph, without a cache. */
export interface IdentityReader {
  /**
   * Starts to read agents together. Each result settles as soon as it is known, and rejects with DependencyError
   * `directory_unavailable` or `directory_access_denied`, or with RateLimitError.
   *
   * @throws DependencyError or RateLimitError if there is no time, or the rate limit does not cover the first request for
   *   each agent. Then nothing is sent
   */
  readonly read: StartReads<ApplicationSnapshot>;
  /** Starts to read an agent as its owner needs it. Rejects like {@link read}. */
  readOwned(agent: ClientId, limits: ReadLimits): StartedRead<OwnedReading>;
  /** Checks with one request that Graph responds and that LKPS may read applications. Rejects like {@link read}. */
  probe(limits: ReadLimits): Promise<void>;
}

/** An agent's identity, and when the first request for it was sent. */
type IdentityRead<A> = { readonly identity: EntraIdentity<A> | null } & Pick<
  GraphResponse,
  "readAt" | "requestedAt"
>;

/**
 * Creates an {@link IdentityReader} for Microsoft Graph. The deadline of a read covers the access token, all requests for
 * an agent, their retries and waits.
 */
export function createIdentityReader(callGraph: CallGraph, clock: Clock): IdentityReader {
  const readOwn = async <A>(
    agent: ClientId,
    select: string,
    { rateLimit }: ReadLimits,
    get: Get,
    parse: (application: unknown) => A,
  ): Promise<IdentityRead<A>> => {
    const responses: GraphResponse[] = [];
    const find: Find = async (path, parseFound) => {
      if (responses.length > 0) rateLimit.acquire();
      const response = await get(path);
      responses.push(response);
      const found = resourceIn(response);
      return found === null ? null : parseFound(found);
    };
    const identity = await readIdentity(agent, select, find, parse);
    const { readAt, requestedAt } = responses[0] as GraphResponse;
    return { identity, readAt, requestedAt };
  };

  const readSnapshot = async (agent: ClientId, limits: ReadLimits, progress: ReadProgress, get: Get) => {
    /** The JSON of `api`; `null` if there is no application. */
    let apiText: string | null = null;
    const { identity, ...times } = await readOwn(agent, "api", limits, get, (application) => {
      const api = apiOf(application);
      // Here, because it throws if the JSON is nested thousands deep: then the response is unusable.
      apiText = JSON.stringify(api);
      return indexApplication(api);
    });
    const digest = digestOf(identity, apiText);
    return { identity, digest, ...times, source: "graph", attempts: progress.attempts } as const;
  };

  const read = (agents: readonly ClientId[], limits: ReadLimits) => {
    const progress: ReadProgress = { attempts: 0 };
    const reads = agents.map((agent) => ({ agent, ...Promise.withResolvers<ApplicationSnapshot>() }));
    const failureOf = (error: unknown) => toReadFailure(error, progress);
    withGraph(callGraph, clock, limits, agents.length, progress, (get) =>
      Promise.all(
        reads.map(({ agent, resolve, reject }) =>
          readSnapshot(agent, limits, progress, get).then(resolve, (error) => reject(failureOf(error))),
        ),
      ),
    ).catch((error) => {
      // The deadline has passed; also ends what ignores the signal.
      for (const { reject } of reads) reject(failureOf(error));
    });
    return reads.map(({ promise: result }) => ({ result, progress }));
  };
  return {
    read,
    readOwned: (agent, limits) =>
      startRead(callGraph, clock, limits, 1, (get) =>
        readOwn(agent, "api,appRoles", limits, get, ownedApplicationOf),
      ),
    probe: async (limits) => {
      await startRead(callGraph, clock, limits, 1, async (get) => {
        const found = resourceIn(await get(applicationPath(PROBE_CLIENT_ID, "api")));
        if (found !== null) apiOf(found);
      }).result;
    },
  };
}

/**
 * Starts to read one agent, with `firstRequests` requests at first. The result rejects with DependencyError
 * `directory_unavailable` or `directory_access_denied`, or with RateLimitError.
 */
export function startRead<T>(
  callGraph: CallGraph,
  clock: Clock,
  limits: ReadLimits,
  firstRequests: number,
  work: (get: Get) => Promise<T>,
): StartedRead<T & Pick<Reading, "source" | "attempts">> {
  const progress: ReadProgress = { attempts: 0 };
  const read = async () => {
    try {
      const found = await withGraph(callGraph, clock, limits, firstRequests, progress, work);
      return { ...found, source: "graph" as const, attempts: progress.attempts };
    } catch (error) {
      throw toReadFailure(error, progress);
    }
  };
  return { result: read(), progress };
}

function ownedApplicationOf(found: unknown): OwnedApplication {
  return { api: apiOf(found), appRoles: listIn(found, "appRoles") };
}

/** The hash of what decisions rest on. */
function digestOf(identity: EntraIdentity<unknown> | null, apiText: string | null): string | null {
  if (identity === null) return null;
  const basis =
    identity.kind === "application"
      ? (apiText ?? "")
      : JSON.stringify([identity.blueprint, identity.disabledBy, apiText]);
  return `sha256:${createHash("sha256").update(basis).digest("hex")}`;
}
