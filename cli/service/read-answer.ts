import type * as z from "zod";
import type { answers } from "../../src/contract/answers.ts";
import { CliError } from "../cli-error.ts";

/** The body of an answer, by its name in the contract. */
export type Answer<Name extends keyof typeof answers> = z.output<(typeof answers)[Name]>;

/**
 * Checks an answer against the contract. An LKPS of another version may add members and codes, so only a missing member
 * or one of the wrong type is a fault.
 *
 * @throws CliError `not_lkps`
 */
export async function readAnswer<Name extends keyof typeof answers>(
  name: Name,
  body: unknown,
): Promise<Answer<Name>> {
  // Loaded only when needed: most of the startup time would be the schemas.
  const contract = await import("../../src/contract/answers.ts");
  const { error } = contract.answers[name].safeParse(body, { reportInput: true });
  const fault = error?.issues.find(
    ({ code, input }) => code === "invalid_type" || (code === "invalid_value" && typeof input !== "string"),
  );
  if (fault === undefined) return body as Answer<Name>;
  const member = fault.path.length === 0 ? "the body" : fault.path.join(".");
  throw new CliError(
    "not_lkps",
    `The answer does not have the form that this version of lkps expects (${member}). Use the lkps of the version that is deployed.`,
  );
}
