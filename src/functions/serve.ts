import type { HttpHandler, HttpResponseInit } from "@azure/functions";
import { type DecisionRecord, openRecord } from "../domain/decision-record.ts";
import type { Chance } from "../domain/ports.ts";
import { failureLine } from "./failure-line.ts";
import type { Answer, HttpTrigger } from "./http-trigger.ts";
import { outcomeOf, Problem, problemOf } from "./problem.ts";

/**
 * Makes the handler that the Functions host calls: whatever a trigger does, the caller gets a complete answer that
 * no cache keeps, and a defect becomes a 500 that says nothing of its inside. Without this the host would answer
 * an exception with an empty 500.
 */
export function serve(trigger: HttpTrigger, chance: Chance): HttpHandler {
  return async (request, context) => {
    const startedAt = chance.elapsed();
    const open = () => openRecord(trigger.event ?? null, chance.uuid());
    const record = open();
    const records = [record];
    const failureLines: string[] = [];
    const reportFailure = (error: unknown, about = record): Problem => {
      const problem = problemOf(error);
      failureLines.push(failureLine(about.decision_id, problem.code, error));
      return problem;
    };

    let answer: Answer;
    try {
      const arrivedAt = chance.now();
      answer = await trigger.handle({ request, arrivedAt, record, records, reportFailure, openRecord: open });
    } catch (error) {
      answer = reportFailure(error);
    }
    const response = answer instanceof Problem ? answer.toResponse(context.invocationId) : answer;
    if (trigger.event !== undefined) {
      for (const each of records) {
        close(each, answer, chance.elapsed() - startedAt);
        context.log(JSON.stringify(each));
      }
    }
    for (const line of failureLines) context.error(line);

    const requestId = request.headers.get("x-request-id");
    return withHeaders(response, {
      "cache-control": "no-store",
      ...(requestId !== null && { "x-request-id": requestId }),
    });
  };
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

function withHeaders(response: HttpResponseInit, headers: Record<string, string>): HttpResponseInit {
  return {
    ...response,
    headers: { ...(response.headers as Record<string, string> | undefined), ...headers },
  };
}
