import { randomBytes } from "node:crypto";

/** A random secret for one run of the stack. */
export function secret(): string {
  return randomBytes(32).toString("base64url");
}
