import { type ClientId, parseClientId } from "../domain/client-id.ts";
import type { Registration } from "../domain/registration.ts";
import type { AuthorizePorts } from "./authorize.ts";
import {
  ACTION_NAME,
  type Action,
  type Entity,
  type Evaluation,
  type EvaluationResult,
  evaluateAccess,
  isApplicable,
} from "./evaluate-access.ts";
import {
  type Page,
  type PageRequest,
  pageOf,
  type SearchPorts,
  searchAgents,
  searchClients,
} from "./search-access.ts";
import { timeBudget } from "./time-budget.ts";
import type { UseCaseContext } from "./use-case-context.ts";

/** An AuthZEN subject or resource to search for. */
type Searched = Omit<Entity, "id">;

/** Makes one decision. */
type Evaluate = (
  caller: ClientId,
  evaluation: Evaluation,
  context: UseCaseContext,
) => Promise<EvaluationResult>;

/** The outcome of a search: a page of ids, or of names of actions; any client; or the question is another caller's. */
export type SearchOutcome = Page | { readonly kind: "any_client" } | { readonly kind: "not_your_decision" };

/** Answers one search. */
type Search<Question> = (
  caller: ClientId,
  question: Question,
  page: PageRequest,
  context: UseCaseContext,
) => Promise<SearchOutcome>;

/**
 * What AuthZEN's endpoints ask.
 *
 * @see https://openid.net/specs/authorization-api-1_0.html
 */
export interface PolicyDecisionPoint {
  /**
   * Returns a function for the evaluations of one request. They share what they read, and the time for it: one time limit
   * for all registrations, and one for all applications.
   */
  startEvaluating(): Evaluate;
  readonly searchSubjects: Search<{
    readonly subject: Searched;
    readonly action: Action;
    readonly resource: Entity;
  }>;
  readonly searchResources: Search<{
    readonly subject: Entity;
    readonly action: Action;
    readonly resource: Searched;
  }>;
  readonly searchActions: Search<{ readonly subject: Entity; readonly resource: Entity }>;
}

type DecisionPorts = AuthorizePorts &
  SearchPorts & {
    /** The time limit for the registrations of one batch, in milliseconds. */
    readonly tablesTimeoutMs: number;
  };

const NOTHING: Page = { kind: "page", ids: [], next: undefined };
const NOT_YOURS = { kind: "not_your_decision" } as const;

/**
 * Decides as LKPS does: about client applications and agents, and for each caller about itself only. Every
 * member rejects with DependencyError or RateLimitError if a fact is not available.
 */
export function createPolicyDecisionPoint(ports: DecisionPorts): PolicyDecisionPoint {
  return {
    startEvaluating: () => {
      const shared = shareReads(ports);
      return (caller, evaluation, context) => evaluateAccess(shared, caller, evaluation, context);
    },
    searchSubjects: async (caller, { subject, action, resource }, page, context) => {
      if (!isApplicable(subject.type, action.name, resource.type)) return NOTHING;
      if (parseClientId(resource.id) !== caller) return NOT_YOURS;
      return await searchClients(ports, caller, page, context);
    },
    searchResources: async (caller, { subject, action, resource }, page, context) => {
      if (!isApplicable(subject.type, action.name, resource.type)) return NOTHING;
      if (parseClientId(subject.id) !== caller) return NOT_YOURS;
      return await searchAgents(ports, caller, page, context);
    },
    searchActions: async (caller, { subject, resource }, page, context) => {
      const evaluation = { subject, action: { name: ACTION_NAME }, resource };
      const { decision, code } = await evaluateAccess(ports, caller, evaluation, context);
      if (code === "not_your_decision") return NOT_YOURS;
      return pageOf(decision ? [ACTION_NAME] : [], page);
    },
  };
}

/** Reads each agent's registration once, so that a batch about one agent costs one read of Table Storage. */
function shareReads(ports: DecisionPorts): AuthorizePorts {
  const { clock, registrations, applications } = ports;
  const tablesTime = timeBudget(clock, ports.tablesTimeoutMs);
  const graphTime = timeBudget(clock, ports.graphTimeoutMs);
  const found = new Map<ClientId, Promise<Registration | undefined>>();
  return {
    ...ports,
    registrations: {
      find: (agent) => {
        const shared = found.get(agent) ?? tablesTime((leftMs) => registrations.find(agent, leftMs));
        found.set(agent, shared);
        return shared;
      },
    },
    applications: {
      read: (agent, { rateLimit }, notBefore) =>
        graphTime((leftMs) =>
          applications.read(agent, { deadline: clock.elapsed() + leftMs, rateLimit }, notBefore),
        ),
    },
  };
}
