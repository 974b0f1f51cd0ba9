import type { HttpHandler, HttpRequest, HttpResponseInit } from "@azure/functions";
import type { AuthorizeOwner } from "../application/authorize-owner.ts";
import { createDecisionRecord, type DecisionRecord } from "../application/use-case-context.ts";
import type { ClientId } from "../domain/client-id.ts";
import { type GraphRateLimit, unlimited } from "../domain/graph-reading.ts";
import type { Clock, Random } from "../domain/ports.ts";
import { applicationTokenRequired, type IdentifyCaller, notAnOwner } from "./caller.ts";
import type { CallerRule, Endpoint, EndpointResponse, RequestContext } from "./endpoint.ts";
import { readJsonBody } from "./json-body.ts";
import { failureLine, type LocateError, outcomeOf, Problem, problemOf } from "./problem.ts";
import { readQuery } from "./query.ts";

/** What all endpoints share. */
export interface HandlerServices {
  readonly identifyCaller: IdentifyCaller;
  readonly rateLimitOf: (caller: ClientId) => GraphRateLimit;
  /** Decides whether the caller may act for an agent; undefined if the console is off, where nobody asks. */
  readonly authorizeOwner?: AuthorizeOwner | undefined;
  readonly clock: Clock;
  readonly random: Pick<Random, "uuid">;
  readonly locateError: LocateError;
  /** The URL that callers use; undefined if LKPS does not know it. */
  readonly publicBaseUrl?: string | undefined;
}

/**
 * Creates the function that the Functions host calls. Identifies the caller and reads the query and the body
 * before it calls the endpoint's handler. Whatever happens, the caller gets a complete response that is not
 * cached. A bug leads to a 500 without internal details; without this, the host would respond to an exception
 * with an empty 500.
 */
export function createHandler<Ports>(
  endpoint: Endpoint<Ports>,
  ports: Ports,
  services: HandlerServices,
): HttpHandler {
  const { clock, random, locateError, publicBaseUrl } = services;
  const handle = endpoint.handler(ports);
  return async (request, context) => {
    const arrivedAt = clock.elapsed();
    const createRecord = () => createDecisionRecord(endpoint.event ?? null, random.uuid());
    const record = createRecord();
    const records = [record];
    const failureLines: string[] = [];
    const reportFailure = (error: unknown, about = record): Problem => {
      const problem = problemOf(error);
      if (problem.status >= 500) {
        failureLines.push(failureLine(about.decision_id, problem.code, error, locateError));
      }
      return problem;
    };

    let answer: EndpointResponse;
    try {
      const read = await readRequest(endpoint, services, request, { record, arrivedAt });
      const log = (line: DecisionRecord) => context.log(JSON.stringify(line));
      const requestContext = { request, arrivedAt, record, records, reportFailure, createRecord, log };
      answer = read instanceof Problem ? read : await handle({ ...requestContext, ...read });
    } catch (error) {
      answer = reportFailure(error);
    }
    const response =
      answer instanceof Problem ? answer.toResponse(context.invocationId, publicBaseUrl) : answer;
    if (endpoint.event !== undefined) {
      for (const each of records) {
        complete(each, answer, clock.elapsed() - arrivedAt);
        context.log(JSON.stringify(each));
      }
    }
    for (const line of failureLines) context.error(line);
    return withCommonHeaders(response, request);
  };
}

/** Reads what the handler needs. Rejects in this order: caller, query, body. */
async function readRequest<Ports>(
  endpoint: Endpoint<Ports>,
  services: HandlerServices,
  request: HttpRequest,
  context: IdentifyContext,
): Promise<Pick<RequestContext, "caller" | "rateLimit" | "query" | "body"> | Problem> {
  const identified = await identify(endpoint.caller, services, request, context);
  if (identified instanceof Problem) return identified;
  const query = readQuery(request, endpoint.query ?? {});
  if (query instanceof Problem) return query;
  const body = endpoint.body === undefined ? undefined : await readJsonBody(request, endpoint.body);
  return body instanceof Problem ? body : { ...identified, query, body };
}

type IdentifyContext = Pick<RequestContext, "record" | "arrivedAt">;

async function identify(
  rule: CallerRule,
  { identifyCaller, rateLimitOf, authorizeOwner }: HandlerServices,
  request: HttpRequest,
  { record, arrivedAt }: IdentifyContext,
): Promise<Pick<RequestContext, "caller" | "rateLimit"> | Problem> {
  if (rule === "none") return { caller: undefined, rateLimit: unlimited };
  const caller = await identifyCaller(request);
  if (caller instanceof Problem) return caller;
  if (rule === "person") {
    const owned = await authorizeOwner?.(caller, request.params["agent"], arrivedAt);
    return owned === undefined ? notAnOwner : { caller: owned.agent, rateLimit: owned.rateLimit };
  }
  if (rule === "agent") {
    record.agent_entra_app_id = caller.clientId;
    if (!caller.isApplicationToken) return applicationTokenRequired;
  }
  // Set here, so that the record of a request with an invalid body has its client too.
  if (record.event === "session_start") record.client_app_id = caller.clientId;
  return { caller: caller.clientId, rateLimit: rateLimitOf(caller.clientId) };
}

function complete(record: DecisionRecord, answer: EndpointResponse, durationMs: number): void {
  record.status = answer.status ?? 200;
  record.duration_ms = tenths(record.duration_ms ?? durationMs);
  if (record.graph_ms !== null) record.graph_ms = tenths(record.graph_ms);
  if (record.tables_ms !== null) record.tables_ms = tenths(record.tables_ms);
  if (!(answer instanceof Problem)) return;
  record.code = answer.code;
  record.outcome = outcomeOf(answer);
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}

// For any other value, the host would respond with an empty 500 after the session was started.
const ECHOED_REQUEST_ID = /^[\x20-\x7e]{1,128}$/;

function withCommonHeaders(response: HttpResponseInit, request: HttpRequest): HttpResponseInit {
  const requestId = request.headers.get("x-request-id") ?? "";
  return {
    ...response,
    headers: {
      "cache-control": "no-store",
      ...(response.headers as Record<string, string> | undefined),
      ...(ECHOED_REQUEST_ID.test(requestId) && { "x-request-id": requestId }),
    },
  };
}
