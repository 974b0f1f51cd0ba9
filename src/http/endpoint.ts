import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { DecisionRecord, UseCaseContext } from "../application/use-case-context.ts";
import type { ProblemCode } from "../contract/problem-types.ts";
import type { ResponseBodies, ResponseName } from "../contract/responses.ts";
import type { ClientId } from "../domain/client-id.ts";
import type { BodyDefinition } from "./json-body.ts";
import type { Problem } from "./problem.ts";
import type { QueryParameters, QueryValues } from "./query.ts";

/**
 * Who may call: `none` is anonymous in every mode; `required` is any identified application; `agent` is the
 * agent that the request is about, with a token issued to the application itself, not to a user; `person` is a person
 * who owns the agent in the URL, or that agent itself.
 */
export type CallerRule = "none" | "required" | "agent" | "person";

/** The response with a status: a body of the contract, another media type, or none. */
export type ResponseDefinition = ResponseName | { readonly mediaType: string } | null;

/** What a handler gets for one request. */
export interface RequestContext<Caller = unknown, Body = unknown, Query = unknown> extends UseCaseContext {
  readonly request: HttpRequest;
  /** The application that sent the request; where people may act for an agent, that agent. */
  readonly caller: Caller;
  readonly body: Body;
  readonly query: Query;
  /** The records to log if the endpoint has an `event`: `record`, unless the handler replaces it. */
  readonly records: DecisionRecord[];
  /** Logs an error that a handler deals with itself, and returns what callers may know of it. */
  readonly reportFailure: (error: unknown, record?: DecisionRecord) => Problem;
  /** Logs a change that is complete, whatever becomes of the request. */
  readonly log: (line: DecisionRecord) => void;
  /** Creates a record for another decision of the same request. */
  readonly createRecord: () => DecisionRecord;
}

interface Definition<Caller extends CallerRule, Body, Query extends QueryParameters, Responses> {
  /** The function's name in the host, and the operation's id in the OpenAPI document. */
  readonly name: string;
  /** GET also serves HEAD. */
  readonly method: "GET" | "POST" | "DELETE";
  readonly route: string;
  readonly caller: Caller;
  /** The event of the request's log line; none is logged if undefined. */
  readonly event?: DecisionRecord["event"];
  /** For the OpenAPI document. Undefined if the endpoint is not part of it. */
  readonly documentation?: { readonly tag: string; readonly summary: string; readonly description: string };
  readonly body?: BodyDefinition<Body>;
  readonly query?: Query;
  /** By status. */
  readonly responses: Responses;
  /** The problems beyond those that the caller rule, the body and the query imply. */
  readonly problems?: readonly ProblemCode[];
}

type Responses = Readonly<Record<number, ResponseDefinition>>;
type BodyOf<A extends Responses> = ResponseBodies[Extract<A[keyof A], ResponseName>];

/** What a handler returns. Its JSON must be one of the endpoint's bodies. */
export type EndpointResponse<Json = unknown> =
  | (Omit<HttpResponseInit, "jsonBody"> & { readonly jsonBody?: Json })
  | Problem;

/** An endpoint: its route, who may call it, what it accepts and returns, and its handler. */
export interface Endpoint<Ports> extends Definition<CallerRule, unknown, QueryParameters, Responses> {
  readonly handler: (ports: Ports) => (context: RequestContext) => Promise<EndpointResponse>;
}

/** Defines an endpoint. The definition determines the types that the handler gets: caller, body, query. */
export function endpoint<
  Ports,
  const Caller extends CallerRule,
  Body = undefined,
  const Query extends QueryParameters = Record<never, never>,
  const A extends Responses = Responses,
>(
  definition: Definition<Caller, Body, Query, A>,
  handler: (
    ports: Ports,
  ) => (
    context: RequestContext<Caller extends "none" ? undefined : ClientId, Body, QueryValues<Query>>,
  ) => Promise<EndpointResponse<BodyOf<A>>>,
): Endpoint<Ports> {
  // createHandler builds the handler's input from this very definition.
  return { ...definition, handler } as unknown as Endpoint<Ports>;
}

/** The name of an agent's own endpoint where people who own it may use it. */
export const nameForOwners = (own: string) => `${own}OfAgent`;

/**
 * An agent's own endpoint for the people who own it: the same below `api/agents/{agent}/`.
 *
 * @param summary - for the OpenAPI document
 */
export function forOwners<Ports>(own: Endpoint<Ports>, summary: string): Endpoint<Ports> {
  const { documentation, problems = [] } = own;
  return {
    ...own,
    name: nameForOwners(own.name),
    route: own.route.replace("api/agent/", "api/agents/{agent}/"),
    caller: "person",
    ...(documentation && {
      documentation: {
        tag: "Console",
        summary,
        description: `The caller is a person who owns the agent, signed in to the console, or the agent itself. The response is that of \`${own.method} /${own.route}\`. Not found if the console is off.`,
      },
    }),
    problems: [...new Set([...problems, "not_an_owner", ...READ_PROBLEMS] as const)],
  };
}

const READ_PROBLEMS = [
  "directory_unavailable",
  "directory_access_denied",
  "too_many_reads",
] as const satisfies readonly ProblemCode[];

/**
 * The problems of an endpoint that reads the registration and, on its caller's rate limit, Microsoft Graph.
 */
export const GRAPH_PROBLEMS = [
  "storage_unavailable",
  ...READ_PROBLEMS,
] as const satisfies readonly ProblemCode[];
