import type * as z from "zod";
import type { responses } from "../../src/contract/responses.ts";
import { CliError } from "../cli-error.ts";

/** The body of an answer, by its name in the contract. */
export type Response<Name extends keyof typeof responses> = z.output<(typeof responses)[Name]>;

/**
 * Checks an answer against the contract. An LKPS of another version may add members and codes, so only a missing member
 * or one of the wrong type is a fault.
 *
 * @throws CliError `not_lkps`
 */
export async function readResponse<Name extends keyof typeof responses>(
  name: Name,
  body: unknown,
): Promise<Response<Name>> {
  // Loaded only when needed: most of the startup time would be the schemas.
  const contract = await import("../../src/contract/responses.ts");
  const { error } = contract.responses[name].safeParse(body, { reportInput: true });
  const fault = error?.issues.find(
    ({ code, input }) => code === "invalid_type" || (code === "invalid_value" && typeof input !== "string"),
  );
  if (fault === undefined) return body as Response<Name>;
  const member = fault.path.length === 0 ? "the body" : fault.path.join(".");
  throw new CliError(
    "not_lkps",
    `The answer does not have the form that this version of lkps expects (${member}). Use the lkps of the version that is deployed.`,
  );
}
