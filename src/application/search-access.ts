import type { ApplicationReading, ReadFailure } from "../domain/application-reading.ts";
import type { ClientId } from "../domain/client-id.ts";
import { decide, type Facts } from "../domain/decision.ts";
import { DependencyError } from "../domain/dependency-error.ts";
import type { ApplicationDirectory, Clock, RegistrationStore } from "../domain/ports.ts";
import type { Registration } from "../domain/registration.ts";
import { TooManyReadsError } from "../domain/too-many-reads-error.ts";
import { type DecisionContext, denyNotBefore } from "./decision-context.ts";

/** What a search goes through. */
export interface SearchPorts {
  readonly registrations: Pick<RegistrationStore, "find" | "list">;
  readonly applications: Pick<ApplicationDirectory, "read" | "readMany">;
  readonly clock: Pick<Clock, "elapsed">;
  /** The most that reading some agents' applications may take, waits included. */
  readonly graphTimeoutMs: number;
}

/** Which part of what is found is asked for. */
export interface PageRequest {
  readonly after: ClientId | undefined;
  readonly limit: number;
}

type SearchContext = Pick<DecisionContext, "arrivedAt" | "allowance">;

/** A page of ids in their order, and after which one the next begins; `undefined` on the last page. */
export interface Page {
  readonly ids: readonly ClientId[];
  readonly next: ClientId | undefined;
}

// One batch of Graph's. A search goes through this many at a time, and so many times at most for one page.
const AGENTS_AT_ONCE = 20;
const MAX_ROUNDS = 10;
// Nor is another round begun after this: what is left is the next page's.
const MAX_SEARCH_MS = 3_000;

/**
 * The clients that may start sessions with `agent`; `"any"` if it has opted out. What is not on the list is denied, so
 * it is as fresh as a denial.
 *
 * @throws DependencyError if a fact cannot be had
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
  const limits = { deadline: ports.clock.elapsed() + ports.graphTimeoutMs, allowance: context.allowance };
  const reading = await ports.applications.read(agent, limits, denyNotBefore(context));
  const facts: Facts = { registration: "enforced", application: reading.application };
  const clients =
    reading.application?.preAuthorized
      .keys()
      .filter((client) => decide(agent, client, facts).allowed)
      .toArray()
      .sort() ?? [];
  const { after, limit } = page;
  const rest = after === undefined ? clients : clients.filter((client) => client > after);
  const ids = rest.slice(0, limit);
  return { ids, next: rest.length > limit ? ids.at(-1) : undefined };
}

/**
 * The registered agents with which `client` may start sessions, those that have opted out included. Goes through the
 * registrations a part at a time, and through a bounded number for one page, which may have fewer than `limit` ids then.
 * A page ends early too where the caller may cause no more requests to Graph, if it has decided about any agent.
 *
 * @throws DependencyError if a fact cannot be had about any of them: a list with holes would be a wrong answer
 * @throws TooManyReadsError if the caller may cause no request to Graph, and no agent could be decided about without
 */
export async function searchAgents(
  ports: SearchPorts,
  client: ClientId,
  page: PageRequest,
  context: SearchContext,
): Promise<Page> {
  const ids: ClientId[] = [];
  const startedAt = ports.clock.elapsed();
  let { after } = page;
  let hasDecided = false;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (ports.clock.elapsed() - startedAt > MAX_SEARCH_MS) break;
    const registrations = await ports.registrations.list(after, AGENTS_AT_ONCE);
    const readings = await readEnforced(ports, client, registrations, context);
    for (const { agent, enforceClientAuthz } of registrations) {
      const reading = readings.get(agent);
      if (reading instanceof TooManyReadsError) {
        if (!hasDecided) throw reading;
        return { ids, next: after };
      }
      if (reading instanceof DependencyError) throw reading;
      const facts: Facts = enforceClientAuthz
        ? { registration: "enforced", application: reading?.application ?? null }
        : { registration: "enforcement_disabled" };
      hasDecided = true;
      if (decide(agent, client, facts).allowed) {
        // One more than asked for shows that there is a next page, and that it is not empty.
        if (ids.length === page.limit) return { ids, next: ids.at(-1) };
        ids.push(agent);
      }
      after = agent;
    }
    if (registrations.length < AGENTS_AT_ONCE) return { ids, next: undefined };
  }
  return { ids, next: after };
}

/** Reads the agents that enforce. Those that an old reading would deny are read again. */
async function readEnforced(
  ports: SearchPorts,
  client: ClientId,
  registrations: readonly Registration[],
  context: SearchContext,
): Promise<ReadonlyMap<ClientId, ApplicationReading | ReadFailure>> {
  const enforced = registrations.filter(({ enforceClientAuthz }) => enforceClientAuthz);
  if (enforced.length === 0) return new Map();
  const limits = { deadline: ports.clock.elapsed() + ports.graphTimeoutMs, allowance: context.allowance };
  const notBefore = denyNotBefore(context);
  const agents = enforced.map(({ agent }) => agent);
  const readings = await ports.applications.readMany(agents, limits);
  const tooOld = [...readings].filter(([agent, reading]) => {
    if (reading instanceof Error || reading.requestedAt >= notBefore) return false;
    return !decide(agent, client, { registration: "enforced", application: reading.application }).allowed;
  });
  if (tooOld.length === 0) return readings;
  const tooOldAgents = tooOld.map(([agent]) => agent);
  const newer = await ports.applications.readMany(tooOldAgents, limits, notBefore);
  return new Map([...readings, ...newer]);
}
