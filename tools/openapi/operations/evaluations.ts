import { ASKS_NOTHING, action, question, resource, subject } from "../../../src/contract/authzen-examples.ts";
import { checkOf, denialCodes } from "../../../src/contract/codes.ts";
import { EXAMPLE } from "../../../src/contract/example-ids.ts";
import type { Example, Operation } from "../operation.ts";
import { bodyProblems, callerProblems, problem, problemAnswers } from "../problems.ts";

const tag = "Access";
const decision = (code: string, check: number | null = null) => ({
  decision: code === "pre_authorized" || code === "enforcement_disabled",
  context: { code, ...(check !== null && { check }), decision_id: EXAMPLE.decision },
});
const decided = (summary: string, code: string, check: number | null = null): [string, Example] => [
  code,
  { summary, value: decision(code, check) },
];
const decisions = Object.fromEntries([
  decided("The client is pre-authorized", "pre_authorized"),
  decided("The agent has opted out of enforcement", "enforcement_disabled"),
  ...denialCodes.map((code) => decided(`Denied: ${code}`, code, checkOf[code])),
  decided("LKPS decides about no such type or action", "not_applicable"),
]);
const aboutOthers = problem(
  "not_your_decision",
  "You may ask about yourself only: as the subject, or as the resource.",
);

/** The decision without a session, by the OpenID AuthZEN Authorization API 1.0. */
export const evaluationOperations: readonly Operation[] = [
  {
    operationId: "accessEvaluation",
    method: "post",
    path: "/api/access/v1/evaluation",
    tag,
    summary: "Ask whether a session would start",
    description:
      "The same decision as a start, without a session. The caller is the client application (the subject) or the agent (the resource). A denial is a 200 with `decision` false; `context.code` says why.",
    callers: true,
    body: {
      schema: "EvaluationRequest",
      required: true,
      examples: { question: { summary: "May this client start sessions with this agent?", value: question } },
    },
    answers: [
      { status: 200, description: "The decision.", schema: "Evaluation", examples: decisions },
      ...problemAnswers([
        ...bodyProblems(ASKS_NOTHING),
        aboutOthers,
        ...callerProblems({ withGraph: true, ofAgent: false }),
      ]),
    ],
  },
  {
    operationId: "accessEvaluations",
    method: "post",
    path: "/api/access/v1/evaluations",
    tag,
    summary: "Ask several such questions at once",
    description:
      "At most 100. What an evaluation leaves out is taken from the top of the body. A batch without evaluations is a single one, and is answered as one. An evaluation that is none of the caller's business, or that failed, is false with the code `not_your_decision` or the failure's.",
    callers: true,
    body: {
      schema: "EvaluationsRequest",
      required: true,
      examples: {
        batch: {
          summary: "One client, several agents",
          value: {
            subject: subject(EXAMPLE.client),
            action,
            evaluations: [
              { resource: resource(EXAMPLE.agent) },
              { resource: resource(EXAMPLE.agentWithDisabledScope) },
              { subject: subject(EXAMPLE.stranger), resource: resource(EXAMPLE.agent) },
            ],
          },
        },
        first_permit: {
          summary: "Until the first that is allowed",
          value: {
            ...question,
            evaluations: [{ resource: resource(EXAMPLE.agentWithDisabledScope) }, {}, {}],
            options: { evaluations_semantic: "permit_on_first_permit" },
          },
        },
        single: { summary: "Without evaluations: a single one", value: question },
      },
    },
    answers: [
      {
        status: 200,
        description: "The decisions, in the order of the questions.",
        schema: ["Evaluations", "Evaluation"],
        examples: {
          batch: {
            summary: "Allowed, denied, and none of the caller's business",
            value: {
              evaluations: [
                decision("pre_authorized"),
                decision("scope_disabled", 1),
                decision("not_your_decision"),
              ],
            },
          },
          first_permit: {
            summary: "Up to the first that was allowed",
            value: { evaluations: [decision("scope_disabled", 1), decision("pre_authorized")] },
          },
          failed: {
            summary: "Two that failed",
            value: {
              evaluations: [
                decision("directory_unavailable"),
                decision("directory_unavailable"),
                decision("not_your_decision"),
              ],
            },
          },
          single: { summary: "A single one", value: decision("pre_authorized") },
        },
      },
      ...problemAnswers([
        ...bodyProblems(ASKS_NOTHING),
        aboutOthers,
        ...callerProblems({ withGraph: true, ofAgent: false }),
      ]),
    ],
  },
];
