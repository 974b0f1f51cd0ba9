import * as z from "zod";
import { bases, denialCodes } from "./codes.ts";

/** A time as LKPS writes it. */
export const time = (what: string) =>
  z.iso.datetime({ precision: 3 }).describe(`${what} UTC, with milliseconds.`);
/** A GUID as LKPS writes it: of any version, in lower case. */
export const id = (what: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    .meta({ format: "uuid", description: what });
/** What occurs in more than one answer. */
export const agentId = id("The agent's client id, in lower case.");
export const clientId = id("The client application's client id, in lower case.");
export const decisionId = id("By this id operators find the decision in the log.");
export const basis = z.enum(bases);
/** How a start would be decided. */
export const verdict = z.enum([...bases, ...denialCodes]);
export const check = z
  .literal([1, 2, 3])
  .describe(
    "Which of the three checks failed: 1 the scope, 2 the client's entry, 3 the scope in that entry.",
  );
