import { checkOf, denialCodes } from "../../../src/domain/decision.ts";
import { NOT_YOUR_DECISION } from "../../../src/functions/access-evaluation.ts";
import { EXAMPLE } from "../example-ids.ts";
import { type Example, type OperationExamples, ok } from "../operation-examples.ts";

export const subject = (id: string) => ({ type: "client_application", id });
export const resource = (id: string) => ({ type: "agent", id });
export const action = { name: "access_as_client" };
const question = { subject: subject(EXAMPLE.client), action, resource: resource(EXAMPLE.agent) };

/** The error message for an empty body. */
export const ASKS_NOTHING = "subject must be an object with type and id.";

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
  decided("LKPS does not decide about this type or action", "not_applicable"),
]);

/** Examples of AuthZEN evaluations. */
export const evaluationOperations: readonly OperationExamples[] = [
  {
    operationId: "accessEvaluation",
    details: {
      invalid_request: ASKS_NOTHING,
      not_your_decision: NOT_YOUR_DECISION,
    },
    body: {
      examples: { question: { summary: "May this client start sessions with this agent?", value: question } },
    },
    responses: ok("The decision.", decisions),
  },
  {
    operationId: "accessEvaluations",
    details: {
      invalid_request: ASKS_NOTHING,
      not_your_decision: NOT_YOUR_DECISION,
    },
    body: {
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
          summary: "Stop at the first permit",
          value: {
            ...question,
            evaluations: [{ resource: resource(EXAMPLE.agentWithDisabledScope) }, {}, {}],
            options: { evaluations_semantic: "permit_on_first_permit" },
          },
        },
        single: { summary: "Without evaluations: a single evaluation", value: question },
      },
    },
    responses: ok("The decisions, in the order of the evaluations.", {
      batch: {
        summary: "One allowed, one denied, and one about other applications",
        value: {
          evaluations: [
            decision("pre_authorized"),
            decision("scope_disabled", 1),
            decision("not_your_decision"),
          ],
        },
      },
      first_permit: {
        summary: "Stopped at the first permit",
        value: { evaluations: [decision("scope_disabled", 1), decision("pre_authorized")] },
      },
      failed: {
        summary: "Two evaluations failed",
        value: {
          evaluations: [
            decision("directory_unavailable"),
            decision("directory_unavailable"),
            decision("not_your_decision"),
          ],
        },
      },
      single: { summary: "A single evaluation", value: decision("pre_authorized") },
    }),
  },
];
