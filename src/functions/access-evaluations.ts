import { type Evaluation, evaluateAccess } from "../application/evaluate-access.ts";
import { type EvaluationPorts, shareReads } from "../application/share-reads.ts";
import type { DecisionRecord } from "../application/use-case-context.ts";
import { batchBody, evaluationBody, evaluationsBody, questionsOf } from "../contract/evaluation-body.ts";
import { endpoint, GRAPH_PROBLEMS } from "../http/endpoint.ts";
import { firstIssueOf, invalidRequest } from "../http/json-body.ts";
import { outcomeOf } from "../http/problem.ts";
import { decisionResponse, singleResponse } from "./access-evaluation.ts";

// The number of concurrent evaluations if all of them are needed.
const AT_ONCE = 10;

/** `POST /api/access/v1/evaluations`: up to 100 decisions at once (AuthZEN). */
export const accessEvaluations = endpoint(
  {
    name: "accessEvaluations",
    method: "POST",
    route: "api/access/v1/evaluations",
    caller: "required",
    event: "evaluation",
    documentation: {
      tag: "Access",
      summary: "Ask about several sessions at once",
      description:
        "Up to 100. If an evaluation lacks an entity, the one at the top level of the body is used; entities are never merged. A body without evaluations is a single evaluation and gets a single decision. The decision is false for an evaluation that is invalid (`invalid_request`), that you may not ask about (`not_your_decision`), or that failed (the code of the failure).",
    },
    body: { name: "EvaluationsRequest", schema: batchBody, documented: evaluationsBody },
    responses: { 200: "EvaluationsResponse" },
    problems: ["not_your_decision", ...GRAPH_PROBLEMS],
  },
  (ports: EvaluationPorts) => async (context) => {
    const { caller, body, record, records } = context;
    const shared = shareReads(ports);
    if ((body.evaluations ?? []).length === 0) {
      const only = evaluationBody.safeParse(body);
      if (!only.success) return invalidRequest(firstIssueOf(only.error));
      return singleResponse(await evaluateAccess(shared, caller, only.data, context), record.decision_id);
    }

    // From here on, each evaluation has its own record.
    records.length = 0;
    const evaluate = async (question: Evaluation | undefined) => {
      const own = context.createRecord();
      const startedAt = ports.clock.elapsed();
      records.push(own);
      try {
        if (question === undefined) return refusal(own, "rejected", "invalid_request");
        const result = await evaluateAccess(shared, caller, question, { ...context, record: own });
        return decisionResponse(result, own.decision_id);
      } catch (error) {
        const problem = context.reportFailure(error, own);
        return refusal(own, outcomeOf(problem), problem.code);
      } finally {
        own.duration_ms = ports.clock.elapsed() - startedAt;
      }
    };
    const semantic = body.options?.evaluations_semantic ?? "execute_all";
    const last = { execute_all: undefined, deny_on_first_deny: false, permit_on_first_permit: true }[
      semantic
    ];
    const atOnce = last === undefined ? AT_ONCE : 1;
    const questions = questionsOf(body);
    const evaluations = [];
    for (let n = 0; n < questions.length; n += atOnce) {
      evaluations.push(...(await Promise.all(questions.slice(n, n + atOnce).map(evaluate))));
      if (evaluations.at(-1)?.decision === last) break;
    }
    return { jsonBody: { evaluations } };
  },
);

/** The result of an evaluation that is invalid or failed. */
function refusal(record: DecisionRecord, outcome: "denied" | "rejected" | "failed", code: string) {
  Object.assign(record, { outcome, code });
  return decisionResponse({ decision: false, code, check: null }, record.decision_id);
}
