import type { ApplicationSnapshot, ReadFailure } from "../domain/application-snapshot.ts";
import { type ClientId, parseClientId } from "../domain/client-id.ts";
import { decide, type Facts } from "../domain/decision.ts";
import { DependencyError } from "../domain/dependency-error.ts";
import type { ApplicationDirectory, Clock, RegistrationStore } from "../domain/ports.ts";
import { RateLimitError } from "../domain/rate-limit-error.ts";
import type { Registration } from "../domain/registration.ts";
import { denyNotBefore, readLimits, type UseCaseContext } from "./use-case-context.ts";

/** What a search needs. */
export interface SearchPorts {
  readonly registrations: Pick<RegistrationStore, "find" | "list">;
  readonly applications: Pick<ApplicationDirectory, "read" | "readMany">;
  readonly clock: Pick<Clock, "elapsed">;
  /** The time limit for reading a batch of applications, in milliseconds, including waits. */
  readonly graphTimeoutMs: number;
}

/** The requested page: at most `limit` items that come after `after`, which is `""` for the first page. */
export interface PageRequest {
  readonly after: string;
  readonly limit: number;
}

type SearchContext = Pick<UseCaseContext, "arrivedAt" | "rateLimit">;

/** A page of sorted ids. The next page starts after `next`; `undefined` on the last page. */
export interface Page {
  readonly ids: readonly string[];
  readonly next: string | undefined;
}

/** The requested page of a complete list. */
export function pageOf(all: readonly string[], { after, limit }: PageRequest): Page {
  const rest = all.filter((id) => id > after).sort();
  const ids = rest.slice(0, limit);
  return { ids, next: rest.length > limit ? (ids.at(-1) ?? after) : undefined };
}

// A Graph batch holds 20.
const AGENTS_AT_ONCE = 20;
// No batch starts after this time. The rest is left to the next page.
const MAX_SEARCH_MS = 3_000;

/**
 * Finds the clients that may start sessions with `agent`; `"any"` if it has opted out. A client that is not
 * listed is denied, so the list is as fresh as a denial.
 *
 * @throws DependencyError or RateLimitError if a fact is not available
 */
export async function searchClients(
  ports: SearchPorts,
  agent: ClientId,
  page: PageRequest,
  context: SearchContext,
): Promise<Page | "any"> {
  const registration = await ports.registrations.find(agent);
  if (registration === undefined) return { ids: [], next: undefined };
  if (!registration.enforceClientAuthz) return "any";
  const limits = readLimits(ports, context);
  const snapshot = await ports.applications.read(agent, limits, denyNotBefore(context));
  const facts: Facts = { registration: "enforced", identity: snapshot.identity };
  const clients =
    snapshot.identity?.application?.preAuthorized
      .keys()
      .filter((client) => decide(agent, client, facts).allowed)
      .toArray() ?? [];
  return pageOf(clients, page);
}

/**
 * Finds the registered agents that `client` may start sessions with, including those that opted out. A
 * page has fewer than `limit` ids if its time is over, or if the caller's rate limit runs out after at least one
 * agent was decided about.
 *
 * @throws DependencyError if a fact about any agent is not available: an incomplete list would be wrong
 * @throws RateLimitError if the rate limit runs out before any agent was decided about
 */
export async function searchAgents(
  ports: SearchPorts,
  client: ClientId,
  page: PageRequest,
  context: SearchContext,
): Promise<Page> {
  const ids: ClientId[] = [];
  const startedAt = ports.clock.elapsed();
  let after = parseClientId(page.after);
  let hasDecided = false;
  while (ports.clock.elapsed() - startedAt <= MAX_SEARCH_MS) {
    const registrations = await ports.registrations.list(after, AGENTS_AT_ONCE);
    const snapshots = await readEnforced(ports, client, registrations, context);
    for (const { agent, enforceClientAuthz } of registrations) {
      const snapshot = snapshots.get(agent);
      if (snapshot instanceof RateLimitError) {
        if (!hasDecided) throw snapshot;
        return { ids, next: after ?? "" };
      }
      if (snapshot instanceof DependencyError) throw snapshot;
      const facts: Facts = enforceClientAuthz
        ? { registration: "enforced", identity: snapshot?.identity ?? null }
        : { registration: "enforcement_disabled" };
      hasDecided = true;
      if (decide(agent, client, facts).allowed) {
        // One more than requested shows that the next page exists and is not empty.
        if (ids.length === page.limit) return { ids, next: after ?? "" };
        ids.push(agent);
      }
      after = agent;
    }
    if (registrations.length < AGENTS_AT_ONCE) return { ids, next: undefined };
  }
  return { ids, next: after ?? "" };
}

/** Reads the applications of the agents that enforce. Reads again those that a stale reading would deny. */
async function readEnforced(
  ports: SearchPorts,
  client: ClientId,
  registrations: readonly Registration[],
  context: SearchContext,
): Promise<ReadonlyMap<ClientId, ApplicationSnapshot | ReadFailure>> {
  const enforced = registrations.filter(({ enforceClientAuthz }) => enforceClientAuthz);
  if (enforced.length === 0) return new Map();
  const limits = readLimits(ports, context);
  const notBefore = denyNotBefore(context);
  const agents = enforced.map(({ agent }) => agent);
  const snapshots = await ports.applications.readMany(agents, limits);
  const tooOld = [...snapshots].filter(([agent, snapshot]) => {
    if (snapshot instanceof Error || snapshot.requestedAt >= notBefore) return false;
    return !decide(agent, client, { registration: "enforced", identity: snapshot.identity }).allowed;
  });
  if (tooOld.length === 0) return snapshots;
  const tooOldAgents = tooOld.map(([agent]) => agent);
  const newer = await ports.applications.readMany(tooOldAgents, limits, notBefore);
  return new Map([...snapshots, ...newer]);
}
