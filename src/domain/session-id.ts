import { parseGuid } from "./client-id.ts";
import type { SessionPosition } from "./session.ts";

/**
 * The id of a session: a UUID of version 7, which holds the millisecond of its start and 74 random bits.
 *
 * @param randomUuid - a UUID of version 4, whose random bits after the version are kept
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.7
 */
export function sessionIdOf(startedAt: Date, randomUuid: string): string {
  const milliseconds = startedAt.getTime().toString(16).padStart(12, "0");
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7${randomUuid.slice(15)}`;
}

/**
 * Where the session with this id stands among its agent's, from the id alone. `undefined` if `value` is not a UUID of
 * version 7, in any letter case. Never throws.
 */
export function sessionPositionOf(value: unknown): SessionPosition | undefined {
  const sessionId = parseGuid(value);
  // The version, and the variant that RFC 9562 gives it.
  if (sessionId?.charAt(14) !== "7" || !/[89ab]/.test(sessionId.charAt(19))) return undefined;
  const milliseconds = Number.parseInt(sessionId.slice(0, 8) + sessionId.slice(9, 13), 16);
  return { sessionId, startedAt: new Date(milliseconds) };
}
