import type { ClientId } from "../domain/client-id.ts";
import { decide, type Facts } from "../domain/decision.ts";
import { DependencyError } from "../domain/dependency-error.ts";
import type {
  ApplicationDirectory,
  ApplicationReading,
  Chance,
  Registration,
  RegistrationStore,
} from "../domain/ports.ts";
import { OLDEST_DENIAL_MS } from "./judge.ts";

/** What a search goes through. */
export interface SearchPorts {
  readonly registrations: Pick<RegistrationStore, "find" | "list">;
  readonly applications: Pick<ApplicationDirectory, "read" | "readMany">;
  readonly chance: Pick<Chance, "elapsed">;
}

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
  page: { readonly after: ClientId | undefined; readonly limit: number },
  arrivedAt: Date,
): Promise<Page | "any"> {
  const registration = await ports.registrations.find(agent);
  if (registration === undefined) return { ids: [], next: undefined };
  if (!registration.enforceClientAuthz) return "any";
  const reading = await ports.applications.read(agent, {
    allows: () => false,
    denyNotBefore: new Date(arrivedAt.getTime() - OLDEST_DENIAL_MS),
  });
  const facts: Facts = { registration: "enforced", application: reading.application };
  const clients = [...(reading.application?.preAuthorized.keys() ?? [])]
    .filter((client) => decide(agent, client, facts).allowed)
    .sort();
  const { after, limit } = page;
  const rest = after === undefined ? clients : clients.filter((client) => client > after);
  const ids = rest.slice(0, limit);
  return { ids, next: rest.length > limit ? ids.at(-1) : undefined };
}

/**
 * The registered agents with which `client` may start sessions, those that have opted out included. Goes through the
 * registrations a part at a time, and through a bounded number for one page, which may have fewer than `limit` ids then.
 *
 * @throws DependencyError if a fact cannot be had about any of them: a list with holes would be a wrong answer
 */
export async function searchAgents(
  ports: SearchPorts,
  client: ClientId,
  page: { readonly after: ClientId | undefined; readonly limit: number },
  arrivedAt: Date,
): Promise<Page> {
  const ids: ClientId[] = [];
  const startedAt = ports.chance.elapsed();
  let { after } = page;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (ports.chance.elapsed() - startedAt > MAX_SEARCH_MS) break;
    const registrations = await ports.registrations.list(after, AGENTS_AT_ONCE);
    const readings = await readAll(ports, client, registrations, arrivedAt);
    for (const { agent, enforceClientAuthz } of registrations) {
      const application = readings.get(agent)?.application ?? null;
      const facts: Facts = enforceClientAuthz
        ? { registration: "enforced", application }
        : { registration: "enforcement_disabled" };
      if (!decide(agent, client, facts).allowed) continue;
      // One more than asked for shows that there is a next page, and that it is not empty.
      if (ids.length === page.limit) return { ids, next: ids.at(-1) };
      ids.push(agent);
    }
    if (registrations.length < AGENTS_AT_ONCE) return { ids, next: undefined };
    after = registrations.at(-1)?.agent;
  }
  return { ids, next: after };
}

async function readAll(
  ports: SearchPorts,
  client: ClientId,
  registrations: readonly Registration[],
  arrivedAt: Date,
): Promise<ReadonlyMap<ClientId, ApplicationReading>> {
  const enforced = registrations
    .filter(({ enforceClientAuthz }) => enforceClientAuthz)
    .map(({ agent }) => agent);
  const [any] = enforced;
  if (any === undefined) return new Map();
  const results = await ports.applications.readMany(enforced, {
    allows: (application) => decide(any, client, { registration: "enforced", application }).allowed,
    denyNotBefore: new Date(arrivedAt.getTime() - OLDEST_DENIAL_MS),
  });
  const readings = new Map<ClientId, ApplicationReading>();
  for (const [agent, result] of results) {
    if (result instanceof DependencyError) throw result;
    readings.set(agent, result);
  }
  return readings;
}
