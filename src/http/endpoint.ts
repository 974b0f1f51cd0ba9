import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type * as z from "zod/mini";
import type { DecisionContext } from "../application/decision-context.ts";
import type { AnswerBodies, AnswerName } from "../contract/answers.ts";
import type { ProblemCode } from "../contract/problem-types.ts";
import type { ClientId } from "../domain/client-id.ts";
import type { DecisionRecord } from "../domain/decision-record.ts";
import type { Problem } from "./problem.ts";
import type { QueryParameters, QueryValues } from "./query.ts";

/**
 * Who may call: `none` asks nobody who they are, in any mode; `required` takes any identified application; `agent` is the
 * agent that the request is about, which proves it by a token of its own: no user's will do.
 */
export type CallerRule = "none" | "required" | "agent";

/** A body of JSON. */
export interface BodyDefinition<T = unknown> {
  /** The name of its schema in the OpenAPI document. */
  readonly name: string;
  readonly schema: z.ZodMiniType<T>;
  /** What callers are told to send, where the schema itself takes more than that. */
  readonly documented?: z.ZodMiniType;
  /** What no body at all stands for; without it a body is required. */
  readonly whenEmpty?: unknown;
  /** What no schema can say of a body: a sentence for the caller if it is refused. */
  readonly refuse?: (body: unknown) => string | undefined;
}

/** What is answered by a status: a body of the contract, another media type, or no body. */
export type AnswerDefinition = AnswerName | { readonly mediaType: string } | null;

/** One request, as a handler sees it. */
export interface RequestContext<Caller = unknown, Body = unknown, Query = unknown> extends DecisionContext {
  readonly request: HttpRequest;
  /** The application that the request was proven to come from. */
  readonly caller: Caller;
  readonly body: Body;
  readonly query: Query;
  /** What is written to the log where the endpoint has an `event`: `record`, unless the handler puts others there. */
  readonly records: DecisionRecord[];
  /** Writes the failure line of something thrown that a handler answers itself, and says what callers may know. */
  readonly reportFailure: (error: unknown, record?: DecisionRecord) => Problem;
  /** A record for a further decision of the same request. */
  readonly createRecord: () => DecisionRecord;
}

interface Definition<Caller extends CallerRule, Body, Query extends QueryParameters, Answers> {
  /** The function's name in the host, and the operation's in the OpenAPI document. */
  readonly name: string;
  /** HEAD is answered wherever GET is. */
  readonly method: "GET" | "POST" | "DELETE";
  readonly route: string;
  readonly caller: Caller;
  /** What the log line of each request is called, if it writes one. */
  readonly event?: DecisionRecord["event"];
  /** For readers of the contract; not there for what is no part of it. */
  readonly documentation?: { readonly tag: string; readonly summary: string; readonly description: string };
  readonly body?: BodyDefinition<Body>;
  readonly query?: Query;
  /** By their status. */
  readonly answers: Answers;
  /** What it may answer beside them, and beside what the caller rule, the body and the query imply. */
  readonly problems?: readonly ProblemCode[];
}

type Answers = Readonly<Record<number, AnswerDefinition>>;
type BodyOf<A extends Answers> = AnswerBodies[Extract<A[keyof A], AnswerName>];

/** What a handler may answer: its JSON is one of the bodies that the endpoint promises. */
export type Answer<Json = unknown> =
  | (Omit<HttpResponseInit, "jsonBody"> & { readonly jsonBody?: Json })
  | Problem;

/** An endpoint: where it is reached, by whom, what it takes and answers; and what it does, once it has its ports. */
export interface Endpoint<Ports> extends Definition<CallerRule, unknown, QueryParameters, Answers> {
  readonly handler: (ports: Ports) => (context: RequestContext) => Promise<Answer>;
}

/** Defines an endpoint. The handler gets what the definition promises: the caller, the body, the query. */
export function endpoint<
  Ports,
  const Caller extends CallerRule,
  Body = undefined,
  const Query extends QueryParameters = Record<never, never>,
  const A extends Answers = Answers,
>(
  definition: Definition<Caller, Body, Query, A>,
  handler: (
    ports: Ports,
  ) => (
    context: RequestContext<Caller extends "none" ? undefined : ClientId, Body, QueryValues<Query>>,
  ) => Promise<Answer<BodyOf<A>>>,
): Endpoint<Ports> {
  // What a handler sees is made by the very definition that it came with: see createHandler.
  return { ...definition, handler } as unknown as Endpoint<Ports>;
}

/** What an endpoint may answer that reads the registration, and Microsoft Graph on its caller's account. */
export const GRAPH_PROBLEMS = [
  "storage_unavailable",
  "directory_unavailable",
  "directory_access_denied",
  "too_many_reads",
] as const satisfies readonly ProblemCode[];
