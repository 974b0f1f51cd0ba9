import { type ClientId, parseClientId } from "../domain/client-id.ts";
import { decide, type Facts } from "../domain/decision.ts";
import { MAX_REQUESTS_PER_AGENT, RateLimitError } from "../domain/graph-rate-limit.ts";
import type { ApplicationDirectory, Clock } from "../domain/ports.ts";
import type { RegistrationStore } from "../domain/registration.ts";
import { readFacts } from "./read-facts.ts";
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
  readonly kind: "page";
  readonly ids: readonly string[];
  readonly next: string | undefined;
}

/** The requested page of a complete list. */
export function pageOf(all: readonly string[], { after, limit }: PageRequest): Page {
  const rest = all.filter((id) => id > after).sort();
  const ids = rest.slice(0, limit);
  return { kind: "page", ids, next: rest.length > limit ? (ids.at(-1) ?? after) : undefined };
}

// A Graph batch holds 20.
const AGENTS_AT_ONCE = 20;
// No batch starts after this time. The rest is left to the next page.
const MAX_SEARCH_MS = 3_000;

/**
 * Finds the clients that may start sessions with `agent`: any, if it has opted out of enforcement. A client that is not
 * listed is denied, so the list is as fresh as a denial.
 *
 * @throws DependencyError or RateLimitError if a fact is not available
 */
export async function searchClients(
  ports: SearchPorts,
  agent: ClientId,
  page: PageRequest,
  context: SearchContext,
): Promise<Page | { readonly kind: "any_client" }> {
  const registration = await ports.registrations.find(agent);
  if (registration === undefined) return pageOf([], page);
  if (!registration.enforceClientAuthz) return { kind: "any_client" };
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
  const isInTime = () => ports.clock.elapsed() - startedAt <= MAX_SEARCH_MS;
  let after = parseClientId(page.after);
  let hasDecided = false;
  const endHere = (): Page => ({ kind: "page", ids, next: after ?? "" });
  try {
    while (isInTime()) {
      const registrations = await ports.registrations.list(after, AGENTS_AT_ONCE);
      let rest = registrations;
      while (rest.length > 0 && isInTime()) {
        const part = rest.slice(0, agentsAtOnce(context));
        const factsOf = await readFacts(ports, client, part, context);
        for (const registration of part) {
          const { agent } = registration;
          const { allowed } = decide(agent, client, factsOf(registration));
          hasDecided = true;
          // One more than requested shows that the next page exists and is not empty.
          if (allowed && ids.length === page.limit) return endHere();
          if (allowed) ids.push(agent);
          after = agent;
        }
        rest = rest.slice(part.length);
      }
      if (rest.length === 0 && registrations.length < AGENTS_AT_ONCE)
        return { kind: "page", ids, next: undefined };
    }
    return endHere();
  } catch (error) {
    if (error instanceof RateLimitError && hasDecided) return endHere();
    throw error;
  }
}

/** As many as the caller can read completely with what is left, but at least one. So a search always makes progress. */
function agentsAtOnce({ rateLimit }: SearchContext): number {
  const readable = Math.floor(rateLimit.remaining() / MAX_REQUESTS_PER_AGENT);
  return Math.max(1, Math.min(AGENTS_AT_ONCE, readable));
}
