import * as z from "zod";
import { denialCodes } from "../domain/decision.ts";
import { agentId, check, clientId, decisionId, open } from "./answer-parts.ts";
import { bases, failureCodes } from "./codes.ts";

const codes = [...bases, ...denialCodes, "not_applicable", "not_your_decision", ...failureCodes] as const;
const context = z
  .strictObject({
    code: open(
      "The basis of an allowed decision, or why it is denied; in a batch also why an evaluation failed.",
      codes,
    ),
    check: check.optional(),
    decision_id: decisionId,
  })
  .meta({ id: "DecisionContext" });

/** The answer to one question. */
export const evaluation = z.strictObject({ decision: z.boolean(), context });
/**
 * The answer to a batch, in which a question that failed has an answer too; or to a single question. One schema and no
 * choice of two: without a member that tells them apart, C# clients of Kiota read neither.
 */
export const evaluations = z
  .strictObject({
    evaluations: z
      .array(evaluation)
      .optional()
      .describe("The decisions, in the order of the questions. Not set if the request had no evaluations."),
    decision: z.boolean().optional().describe("The decision, if the request had no evaluations."),
    context: context.optional(),
  })
  .refine((answer) => (answer.evaluations === undefined) === evaluation.safeParse(answer).success);

const page = z
  .strictObject({
    next_token: z.string().describe("The `page.token` of the next page; empty on the last one."),
  })
  .meta({ id: "Page" });
/** A page of clients. */
export const subjects = z.strictObject({
  results: z.array(
    z.strictObject({ type: z.literal("client_application"), id: clientId }).meta({ id: "FoundSubject" }),
  ),
  page,
  context: z
    .strictObject({ enforce_client_authz: z.literal(false) })
    .meta({
      id: "SubjectSearchContext",
      description: "Set if the agent has opted out: any client may start sessions with it.",
    })
    .optional(),
});
/** A page of agents. */
export const resources = z.strictObject({
  results: z.array(z.strictObject({ type: z.literal("agent"), id: agentId }).meta({ id: "FoundResource" })),
  page,
});

/** Where the endpoints are: whole addresses, as AuthZEN asks for. */
export const authzenConfiguration = z.strictObject({
  policy_decision_point: z.url(),
  access_evaluation_endpoint: z.url(),
  access_evaluations_endpoint: z.url(),
  search_subject_endpoint: z.url(),
  search_resource_endpoint: z.url(),
});
