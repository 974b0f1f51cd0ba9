import { type ClientId, parseClientId } from "../domain/client-id.ts";
import { decide, type Facts } from "../domain/decision.ts";
import type { ApplicationDirectory, Clock } from "../domain/ports.ts";
import type { RegistrationStore } from "../domain/registration.ts";
import type { AuthorizePorts } from "./authorize.ts";
import { ACTION_NAME, type Action, type Entity, evaluateAccess, isApplicable } from "./evaluate-access.ts";
import { denyNotBefore, readLimits, type UseCaseContext } from "./use-case-context.ts";

/** What a search needs. */
export interface SearchPorts {
  readonly registrations: Pick<RegistrationStore, "find" | "list">;
  readonly applications: ApplicationDirectory;
  readonly clock: Pick<Clock, "elapsed">;
  /** The time limit for reading one or a batch of applications, in milliseconds, including waits. */
  readonly graphTimeoutMs: number;
}

/** The requested page: at most `limit` items that come after `after`, which is `""` for the first page. */
export interface PageRequest {
  readonly after: string;
  readonly limit: number;
}

/** A page of sorted ids. The next page starts after `next`; `undefined` on the last page. */
export interface Page {
  readonly kind: "page";
  readonly ids: readonly string[];
  readonly next: string | undefined;
}

/** The outcome of a search: a page of ids, or of names of actions; any client; or the question is another caller's. */
export type SearchOutcome = Page | { readonly kind: "any_client" } | { readonly kind: "not_your_decision" };

export type SearchContext = Pick<UseCaseContext, "arrivedAt" | "rateLimit">;

/** An AuthZEN subject or resource to search for. */
export type Searched = Omit<Entity, "id">;

/** The outcome for a question that LKPS does not decide about, and for one of another caller. */
export const NOTHING: Page = { kind: "page", ids: [], next: undefined };
export const NOT_YOURS = { kind: "not_your_decision" } as const;

/**
 * Finds the clients that may start sessions with the calling agent: any, if it has opted out of enforcement. A client that is
 * not listed is denied, so the list is as fresh as a denial.
 *
 * @throws DependencyError or RateLimitError if a fact is not available
 * @see https://openid.net/specs/authorization-api-1_0.html
 */
export async function searchSubjects(
  ports: SearchPorts,
  caller: ClientId,
  { subject, action, resource }: { subject: Searched; action: Action; resource: Entity },
  page: PageRequest,
  context: SearchContext,
): Promise<SearchOutcome> {
  if (!isApplicable(subject.type, action.name, resource.type)) return NOTHING;
  if (parseClientId(resource.id) !== caller) return NOT_YOURS;
  const registration = await ports.registrations.find(caller);
  if (registration === undefined) return pageOf([], page);
  if (!registration.enforceClientAuthz) return { kind: "any_client" };
  const limits = readLimits(ports, context);
  const snapshot = await ports.applications.read(caller, limits, denyNotBefore(context));
  const facts: Facts = { registration: "enforced", identity: snapshot.identity };
  const clients =
    snapshot.identity?.application?.preAuthorized
      .keys()
      .filter((client) => decide(caller, client, facts).allowed)
      .toArray() ?? [];
  return pageOf(clients, page);
}

/** Finds what a client may do with an agent. The caller is one of them. Rejects like {@link searchSubjects}. */
export async function searchActions(
  ports: AuthorizePorts,
  caller: ClientId,
  entities: { subject: Entity; resource: Entity },
  page: PageRequest,
  context: UseCaseContext,
): Promise<SearchOutcome> {
  const evaluation = { ...entities, action: { name: ACTION_NAME } };
  const { decision, code } = await evaluateAccess(ports, caller, evaluation, context);
  return code === "not_your_decision" ? NOT_YOURS : pageOf(decision ? [ACTION_NAME] : [], page);
}

/** The requested page of a complete list. */
function pageOf(all: readonly string[], { after, limit }: PageRequest): Page {
  const rest = all.filter((id) => id > after).sort();
  const ids = rest.slice(0, limit);
  return { kind: "page", ids, next: rest.length > limit ? (ids.at(-1) ?? after) : undefined };
}
