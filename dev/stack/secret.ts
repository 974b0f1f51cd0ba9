import { randomBytes } from "node:crypto";

/** One that nobody can guess, for a run of the stack. */
export function secret(): string {
  return randomBytes(32).toString("base64url");
}
