import type { JudgePorts } from "../application/authorize.ts";
import { type EvaluationResult, evaluateAccess } from "../application/evaluate-access.ts";
import { evaluationBody } from "../contract/evaluation-body.ts";
import type { Answer, HttpTrigger } from "../http/endpoint.ts";
import { readJsonBody } from "../http/json-body.ts";
import { Problem } from "../http/problem.ts";

/** `POST /api/access/v1/evaluation`: the decision without a session, by AuthZEN. */
export function accessEvaluation(ports: JudgePorts): HttpTrigger {
  return {
    name: "accessEvaluation",
    methods: ["POST"],
    route: "api/access/v1/evaluation",
    caller: "required",
    event: "evaluation",
    handle: async (visit) => {
      const { request, caller, record } = visit;
      const body = await readJsonBody(request, evaluationBody);
      if (body instanceof Problem) return body;
      return singleAnswer(await evaluateAccess(ports, caller, body, visit), record.decision_id);
    },
  };
}

/** The answer to one evaluation by itself. */
export function singleAnswer(result: EvaluationResult, decisionId: string): Answer {
  if (result.code !== "not_your_decision") return { jsonBody: evaluationAnswer(result, decisionId) };
  return new Problem("not_your_decision", {
    detail: "You may ask about yourself only: as the subject, or as the resource.",
  });
}

/** A decision as AuthZEN answers it. */
export function evaluationAnswer(
  { decision, code, check }: Pick<EvaluationResult, "decision" | "check"> & { code: string },
  decisionId: string,
) {
  return { decision, context: { code, ...(check !== null && { check }), decision_id: decisionId } };
}
