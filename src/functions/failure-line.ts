import type { ProblemCode } from "./problem.ts";

const MAX_CAUSES = 8;
const MAX_LENGTH = 500;

/** The line of JSON by which operators learn why something failed. `decisionId` is `null` outside of any request. */
export function failureLine(decisionId: string | null, code: ProblemCode, error: unknown): string {
  return JSON.stringify({ event: "failure", decision_id: decisionId, code, causes: causesOf(error) });
}

/** The messages of an error and of its causes, outermost first; bounded, and one line each. */
function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  for (let cause = error; cause != null && causes.length < MAX_CAUSES; cause = nextCause(cause)) {
    const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    causes.push(text.replaceAll(/\s+/g, " ").slice(0, MAX_LENGTH));
  }
  return causes;
}

function nextCause(cause: unknown): unknown {
  return cause instanceof Error ? cause.cause : undefined;
}
