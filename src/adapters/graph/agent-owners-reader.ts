import { isObject } from "../../domain/application.ts";
import { type ClientId, parseGuid } from "../../domain/client-id.ts";
import type { AgentOwners, GraphRateLimit } from "../../domain/graph-reading.ts";
import type { Clock } from "../../domain/ports.ts";
import type { StartReads } from "./cached-directory.ts";
import type { CallGraph, GraphResponse } from "./graph-client.ts";
import type { Get } from "./graph-requests.ts";
import { agentIdentityOf, resourceIn } from "./graph-response.ts";
import { startRead } from "./identity-reader.ts";

/** Entra allows 100 owners and 100 sponsors, so this is enough even if Graph returns few at a time. */
const MAX_PAGES = 20;

/**
 * Reads who owns agents, from Microsoft Graph at `baseUrl`. Whether an id is an application or nothing at all, it takes
 * the same requests, in one batch: the time of a refusal does not tell which agents there are.
 *
 * @see https://learn.microsoft.com/graph/api/application-list-owners
 * @see https://learn.microsoft.com/graph/api/agentidentity-list-sponsors
 */
export function createAgentOwnersReader(
  baseUrl: string,
  callGraph: CallGraph,
  clock: Clock,
): StartReads<AgentOwners> {
  return (agents, limits) =>
    agents.map((agent) => {
      const requestedAt = clock.elapsed();
      return startRead(callGraph, clock, limits, 2, async (get) => ({
        owners: await readOwners(baseUrl, agent, limits.rateLimit, get),
        requestedAt,
      }));
    });
}

/** The caller has acquired the first two requests. */
async function readOwners(
  baseUrl: string,
  agent: ClientId,
  rateLimit: GraphRateLimit,
  get: Get,
): Promise<ReadonlySet<string>> {
  /** All ids of a list; none if Graph says that there is no such resource. */
  const idsIn = async (path: string, read = resourceIn): Promise<readonly string[] | null> => {
    const ids: string[] = [];
    let next: string | undefined = path;
    for (let pages = 0; next !== undefined; pages++) {
      if (pages === MAX_PAGES) throw new Error(`Graph's list of owners has more than ${MAX_PAGES} pages`);
      if (pages > 0) rateLimit.acquire();
      const page = read(await get(next));
      if (page === null) return null;
      ids.push(...valuesIn(page).flatMap(({ id }) => parseGuid(id) ?? []));
      next = nextPathIn(page, baseUrl);
    }
    return ids;
  };
  const ownersOf = (clientId: ClientId) => idsIn(`/applications(appId='${clientId}')/owners?$select=id`);
  const principalPath = `/servicePrincipals(appId='${agent}')`;

  const [ofApplication, principal] = await Promise.all([
    ownersOf(agent),
    get(principalPath).then(resourceIn),
  ]);
  if (ofApplication !== null) return new Set(ofApplication);
  const identity = principal === null ? null : agentIdentityOf(principal);
  if (identity === null) return new Set();
  const { blueprint } = identity;
  rateLimit.acquire(blueprint === null ? 2 : 3);
  const lists = await Promise.all([
    idsIn(`${principalPath}/owners?$select=id`),
    idsIn(`${principalPath}/microsoft.graph.agentIdentity/sponsors?$select=id`, sponsorsIn),
    blueprint === null ? null : ownersOf(blueprint),
  ]);
  return new Set(lists.flatMap((ids) => ids ?? []));
}

/** Sponsors take a permission beyond `Application.Read.All`. Without it, LKPS knows none; that lets nobody in. */
function sponsorsIn(response: GraphResponse): unknown {
  return response.status === 403 ? null : resourceIn(response);
}

/**
 * Returns the items of a page of a list in Graph's response.
 *
 * @throws Error that describes what is wrong with the shape
 */
function valuesIn(page: unknown): readonly Readonly<Record<string, unknown>>[] {
  const values = isObject(page) ? page["value"] : undefined;
  if (!Array.isArray(values) || !values.every(isObject)) throw new Error("Graph's answer is not a list");
  return values;
}

/**
 * Returns the path of the next page of a list; `undefined` if this is the last one.
 *
 * @throws Error if the next page is not at `baseUrl`: the token goes nowhere else
 */
function nextPathIn(page: unknown, baseUrl: string): string | undefined {
  const link = isObject(page) ? page["@odata.nextLink"] : undefined;
  if (link == null) return undefined;
  const prefix = `${baseUrl}/v1.0/`;
  if (typeof link === "string" && link.startsWith(prefix)) return link.slice(prefix.length - 1);
  throw new Error("Graph's answer names a next page that is not Graph's");
}
