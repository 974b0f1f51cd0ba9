import type { AuthorizePorts } from "../application/authorize.ts";
import { type EvaluationResult, evaluateAccess } from "../application/evaluate-access.ts";
import { evaluationBody } from "../contract/evaluation-body.ts";
import { type EndpointResponse, endpoint, GRAPH_PROBLEMS } from "../http/endpoint.ts";
import { Problem } from "../http/problem.ts";

/** `POST /api/access/v1/evaluation`: an authorization decision without a session (AuthZEN). */
export const accessEvaluation = endpoint(
  {
    name: "accessEvaluation",
    method: "POST",
    route: "api/access/v1/evaluation",
    caller: "required",
    event: "evaluation",
    documentation: {
      tag: "Access",
      summary: "Ask whether a session would start",
      description:
        "Makes the same decision as a session start, without starting a session. The caller is the client application (the subject) or the agent (the resource). A denial is a 200 with `decision` false and the reason in `context.code`.",
    },
    body: { name: "EvaluationRequest", schema: evaluationBody },
    responses: { 200: "Decision" },
    problems: ["not_your_decision", ...GRAPH_PROBLEMS],
  },
  (ports: AuthorizePorts) => async (context) => {
    const result = await evaluateAccess(ports, context.caller, context.body, context);
    return singleResponse(result, context.record.decision_id);
  },
);

/** The detail of `not_your_decision` for questions about one client and one agent. */
export const NOT_YOUR_DECISION = "You can ask only about yourself, as the subject or as the resource.";

/** The response to a single evaluation. */
export function singleResponse(
  result: EvaluationResult,
  decisionId: string,
): EndpointResponse<ReturnType<typeof decisionResponse>> {
  if (result.code !== "not_your_decision") return { jsonBody: decisionResponse(result, decisionId) };
  return new Problem("not_your_decision", { detail: NOT_YOUR_DECISION });
}

/** A decision in AuthZEN's format. */
export function decisionResponse(
  { decision, code, check }: Pick<EvaluationResult, "decision" | "check"> & { code: string },
  decisionId: string,
) {
  return { decision, context: { code, ...(check !== null && { check }), decision_id: decisionId } };
}
