import type { ProblemCode } from "../contract/problem-types.ts";

const MAX_CAUSES = 8;
const MAX_LENGTH = 500;

/** Locates where an error was thrown, such as `src/config.ts:12, from src/main.ts:7`; `undefined` if unknown. */
export type LocateError = (error: Error) => string | undefined;

/**
 * The JSON log line that explains a failure to operators. For a bug it includes the location in the source.
 * `decisionId` is `null` outside a request.
 */
export function failureLine(
  decisionId: string | null,
  code: ProblemCode,
  error: unknown,
  locateError: LocateError,
): string {
  const locate = code === "internal_error" ? locateError : () => undefined;
  return JSON.stringify({ event: "failure", decision_id: decisionId, code, causes: causesOf(error, locate) });
}

/** The messages of an error and its causes, outermost first; each is one line of limited length. */
function causesOf(error: unknown, locate: LocateError): string[] {
  const causes: string[] = [];
  for (let cause = error; cause != null && causes.length < MAX_CAUSES; cause = nextCause(cause)) {
    const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const place = cause instanceof Error ? locate(cause) : undefined;
    const line = text.replaceAll(/\s+/g, " ").slice(0, MAX_LENGTH);
    causes.push(place === undefined ? line : `${line} (${place})`);
  }
  return causes;
}

function nextCause(cause: unknown): unknown {
  return cause instanceof Error ? cause.cause : undefined;
}
