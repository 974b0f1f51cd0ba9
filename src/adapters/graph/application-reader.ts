import { createHash } from "node:crypto";
import { indexApplication } from "../../domain/application.ts";
import { apiOf } from "../../domain/application-shape.ts";
import type { ApplicationSnapshot, ReadLimits } from "../../domain/application-snapshot.ts";
import { type ClientId, PROBE_CLIENT_ID } from "../../domain/client-id.ts";
import { getInBatches } from "./batch.ts";
import type { CallGraph } from "./graph-client.ts";
import { type ReadProgress, readGraph } from "./graph-read.ts";
import { resourceIn } from "./graph-response.ts";
import { applicationPath, type Get, getAlone, readIdentity } from "./read-identity.ts";

/** Reads agents' identities and their applications from Microsoft Graph, without a cache. */
export interface ApplicationReader {
  /**
   * Reads one agent. The caller has paid for the first request; further ones are taken from the rate limit.
   *
   * @throws DependencyError `directory_unavailable` or `directory_access_denied`, or RateLimitError
   */
  read(agent: ClientId, limits: ReadLimits, progress: ReadProgress): Promise<ApplicationSnapshot>;
  /** Reads at most 20 agents at once. Each result settles as soon as it is known, and rejects like {@link read}. */
  readMany(
    agents: readonly ClientId[],
    limits: ReadLimits,
    progress: ReadProgress,
  ): ReadonlyMap<ClientId, Promise<ApplicationSnapshot>>;
  /** Checks with one request that Graph responds and that LKPS may read applications. Rejects like {@link read}. */
  probe(limits: ReadLimits): Promise<void>;
}

/**
 * Creates an {@link ApplicationReader} for Microsoft Graph. The deadline of a read covers the access token, all of an
 * agent's requests, their retries and waits.
 */
export function createApplicationReader(callGraph: CallGraph): ApplicationReader {
  const readMany: ApplicationReader["readMany"] = (agents, limits, progress) => {
    const readings = new Map(agents.map((agent) => [agent, Promise.withResolvers<ApplicationSnapshot>()]));
    readGraph(limits, progress, async (read) => {
      const get = getInBatches(callGraph, read);
      const work = [...readings].map(([agent, { resolve, reject }]) =>
        readAgent(agent, limits, get).then(resolve, reject),
      );
      await Promise.all(work);
    }).catch((error) => {
      // The deadline has passed; also ends what ignores the signal.
      for (const { reject } of readings.values()) reject(error);
    });
    return new Map([...readings].map(([agent, { promise }]) => [agent, promise]));
  };
  return {
    read: (agent, limits, progress) =>
      readGraph(limits, progress, (read) => readAgent(agent, limits, getAlone(callGraph, read))),
    readMany,
    probe: (limits) =>
      readGraph(limits, { attempts: 0 }, async (read) => {
        const { answer } = await getAlone(callGraph, read)(applicationPath(PROBE_CLIENT_ID, "api"));
        const found = resourceIn(answer, read.progress.attempts);
        if (found !== null) apiOf(found);
      }),
  };
}

async function readAgent(agent: ClientId, limits: ReadLimits, get: Get): Promise<ApplicationSnapshot> {
  /** The JSON of `api`; `null` if there is no application. */
  let apiText: string | null = null;
  const { identity, read } = await readIdentity(agent, "api", limits, get, (application) => {
    const api = apiOf(application);
    // Here, because it throws if the JSON is nested thousands deep: then the answer is unusable.
    apiText = JSON.stringify(api);
    return indexApplication(api);
  });
  const { readAt, requestedAt, progress } = read;
  const common = { readAt, requestedAt, source: "graph", attempts: progress.attempts } as const;
  if (identity === null) return { ...common, identity, digest: null };
  const basis =
    identity.kind === "application"
      ? (apiText ?? "")
      : JSON.stringify([identity.blueprint, identity.disabledBy, apiText]);
  const digest = createHash("sha256").update(basis).digest("hex");
  return { ...common, identity, digest: `sha256:${digest}` };
}
