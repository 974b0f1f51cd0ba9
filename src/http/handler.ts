import type { HttpHandler, HttpRequest, HttpResponseInit } from "@azure/functions";
import type { ClientId } from "../domain/client-id.ts";
import { type DecisionRecord, openRecord } from "../domain/decision-record.ts";
import { type GraphAllowance, unlimited } from "../domain/graph-allowance.ts";
import type { Chance } from "../domain/ports.ts";
import { applicationTokenRequired, type IdentifyCaller } from "./caller.ts";
import type { Answer, HttpTrigger, Visit } from "./endpoint.ts";
import { failureLine, type LocateError } from "./failure-line.ts";
import { outcomeOf, Problem, problemOf } from "./problem.ts";

/** What every trigger is served with. */
export interface ServePorts {
  readonly identifyCaller: IdentifyCaller;
  readonly allowanceOf: (caller: ClientId) => GraphAllowance;
  readonly chance: Chance;
  readonly locateError: LocateError;
  /** The address that callers use, where LKPS knows it. */
  readonly publicBaseUrl?: string | undefined;
}

/**
 * Makes the handler that the Functions host calls: the caller is identified before the trigger sees the request, and
 * whatever the trigger does, the caller gets a complete answer that no cache keeps, and a defect becomes a 500 that says
 * nothing of its inside. Without this the host would answer an exception with an empty 500.
 */
export function serve(trigger: HttpTrigger, ports: ServePorts): HttpHandler {
  const { chance, locateError, publicBaseUrl } = ports;
  return async (request, context) => {
    const arrivedAt = chance.elapsed();
    const open = () => openRecord(trigger.event ?? null, chance.uuid());
    const record = open();
    const records = [record];
    const failureLines: string[] = [];
    const reportFailure = (error: unknown, about = record): Problem => {
      const problem = problemOf(error);
      if (problem.status >= 500) {
        failureLines.push(failureLine(about.decision_id, problem.code, error, locateError));
      }
      return problem;
    };

    let answer: Answer;
    try {
      const visit = { request, arrivedAt, allowance: unlimited, record, records, reportFailure };
      answer = await answerOf(trigger, ports, { ...visit, openRecord: open });
    } catch (error) {
      answer = reportFailure(error);
    }
    const response =
      answer instanceof Problem ? answer.toResponse(context.invocationId, publicBaseUrl) : answer;
    if (trigger.event !== undefined) {
      for (const each of records) {
        close(each, answer, chance.elapsed() - arrivedAt);
        context.log(JSON.stringify(each));
      }
    }
    for (const line of failureLines) context.error(line);
    return withCommonHeaders(response, request);
  };
}

async function answerOf(trigger: HttpTrigger, ports: ServePorts, visit: Visit): Promise<Answer> {
  if (trigger.caller === "none") return await trigger.handle(visit);
  const caller = await ports.identifyCaller(visit.request);
  if (caller instanceof Problem) return caller;
  const { clientId, isApplication } = caller;
  if (trigger.caller === "agent") {
    visit.record.agent_entra_app_id = clientId;
    if (!isApplication) return applicationTokenRequired;
  }
  return await trigger.handle({ ...visit, caller: clientId, allowance: ports.allowanceOf(clientId) });
}

function close(record: DecisionRecord, answer: Answer, durationMs: number): void {
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

// The host answers any other value with an empty 500, after the session was started and recorded.
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
