import * as z from "zod";
import { denialCodes } from "../domain/decision.ts";
import { agentId, check, clientId, decisionId, open } from "./answer-parts.ts";
import { bases, failureCodes } from "./codes.ts";

const decision = (codes: readonly string[]) =>
  z.strictObject({
    decision: z.boolean(),
    context: z.strictObject({
      code: open("The basis of an allowed decision, or why it is denied.", codes),
      check: check.optional(),
      decision_id: decisionId,
    }),
  });
const decided = [...bases, ...denialCodes, "not_applicable"] as const;

/** The answer to one question. */
export const evaluation = decision(decided);
/** The answers to a batch, in which a question that failed has an answer too. */
export const evaluations = z.strictObject({
  evaluations: z.array(decision([...decided, "not_your_decision", ...failureCodes])),
});

const page = z.strictObject({
  next_token: z.string().describe("The `page.token` of the next page; empty on the last one."),
});
const found = (type: string, what: z.ZodType) => z.array(z.strictObject({ type: z.literal(type), id: what }));
/** A page of clients. */
export const subjects = z.strictObject({
  results: found("client_application", clientId),
  page,
  context: z
    .strictObject({ enforce_client_authz: z.literal(false) })
    .optional()
    .describe("There if the agent has opted out: any client may start sessions with it."),
});
/** A page of agents. */
export const resources = z.strictObject({ results: found("agent", agentId), page });

/** Where the endpoints are: whole addresses, as AuthZEN asks for. */
export const authzenConfiguration = z.strictObject({
  policy_decision_point: z.url(),
  access_evaluation_endpoint: z.url(),
  access_evaluations_endpoint: z.url(),
  search_subject_endpoint: z.url(),
  search_resource_endpoint: z.url(),
});
