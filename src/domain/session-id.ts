import { parseGuid } from "./client-id.ts";
import type { SessionPosition } from "./session.ts";

/**
 * Creates a session id: a UUID of version 7 with the start time in milliseconds and 74 random bits.
 *
 * @param randomUuid - a UUID of version 4; supplies the random bits
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.7
 */
export function sessionIdOf(startedAt: Date, randomUuid: string): string {
  const milliseconds = startedAt.getTime().toString(16).padStart(12, "0");
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7${randomUuid.slice(15)}`;
}

/**
 * Returns a session's position in its agent's list, derived from the id alone. Returns `undefined` if `value`
 * is not a UUID of version 7, in any letter case. Never throws.
 */
export function sessionPositionOf(value: unknown): SessionPosition | undefined {
  const sessionId = parseGuid(value);
  // The version, and the variant that RFC 9562 defines.
  if (sessionId?.charAt(14) !== "7" || !/[89ab]/.test(sessionId.charAt(19))) return undefined;
  const milliseconds = Number.parseInt(sessionId.slice(0, 8) + sessionId.slice(9, 13), 16);
  return { sessionId, startedAt: new Date(milliseconds) };
}
