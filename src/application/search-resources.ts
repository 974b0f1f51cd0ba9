import { type ClientId, parseClientId } from "../domain/client-id.ts";
import { decide } from "../domain/decision.ts";
import { MAX_REQUESTS_PER_AGENT, RateLimitError } from "../domain/graph-reading.ts";
import { type Action, type Entity, isApplicable } from "./evaluate-access.ts";
import { readFacts } from "./read-facts.ts";
import {
  NOT_YOURS,
  NOTHING,
  type Page,
  type PageRequest,
  type SearchContext,
  type Searched,
  type SearchOutcome,
  type SearchPorts,
} from "./search-access.ts";

// A Graph batch holds 20.
const AGENTS_AT_ONCE = 20;
// No batch starts after this time. The rest is left to the next page.
const MAX_SEARCH_MS = 3_000;

/**
 * Finds the registered agents that the calling client may start sessions with, including those that opted out. A
 * page has fewer than `limit` ids if its time is over, or if the caller's rate limit runs out after at least one
 * agent was decided about.
 *
 * @throws DependencyError if a fact about any agent is not available: an incomplete list would be wrong
 * @throws RateLimitError if the rate limit runs out before any agent was decided about
 */
export async function searchResources(
  ports: SearchPorts,
  caller: ClientId,
  { subject, action, resource }: { subject: Entity; action: Action; resource: Searched },
  page: PageRequest,
  context: SearchContext,
): Promise<SearchOutcome> {
  if (!isApplicable(subject.type, action.name, resource.type)) return NOTHING;
  if (parseClientId(subject.id) !== caller) return NOT_YOURS;
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
        const factsOf = await readFacts(ports, caller, part, context);
        for (const registration of part) {
          const { agent } = registration;
          const { allowed } = decide(agent, caller, factsOf(registration));
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
