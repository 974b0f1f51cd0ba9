import * as z from "zod";
import { denialCodes } from "../domain/decision.ts";
import { bases } from "./problem-types.ts";

/** A time as in all responses of LKPS. */
export const time = (what: string) =>
  z.iso.datetime({ precision: 3 }).describe(`${what} UTC, with milliseconds.`);
/** A GUID as in all responses of LKPS: any version, lower case. */
export const id = (what: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    .meta({ format: "uuid", description: what });
/** Shared by several responses. */
export const agentId = id("The agent's client id, in lower case.");
export const clientId = id("The client application's client id, in lower case.");
export const decisionId = id("Identifies the decision in the operators' log.");
/** An extensible enum: a string, so that a new value does not break generated clients. */
export const open = (what: string, values: readonly string[]) =>
  z
    .string()
    .refine((value) => values.includes(value))
    .describe(`${what} Expect new values. Today: ${values.map((value) => `\`${value}\``).join(", ")}.`);
export const basis = open("Why the client may start sessions.", bases);
/** The code with which a session start would be decided. */
export const verdict = open("How a start would be decided.", [...bases, ...denialCodes]);
export const check = z
  .int()
  .min(1)
  .max(3)
  .describe(
    "Which of the three checks failed: 1 the scope, 2 the client's entry, 3 the scope in that entry.",
  );
