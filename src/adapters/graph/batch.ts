import type { AskGraph, GraphAnswer } from "./graph-client.ts";
import { askUntilAnswered, isRetried, type Progress } from "./retry.ts";

/**
 * Asks for several paths in one request, and again for those that Graph had no time for.
 *
 * @param paths - at most 20, which is what Graph takes in one batch
 * @returns an answer for each path, in their order
 * @throws Error if Graph answers anything but a batch's answer
 * @see https://learn.microsoft.com/graph/json-batching
 */
export async function askBatch(
  ask: AskGraph,
  paths: readonly string[],
  signal: AbortSignal,
  deadline: number,
  progress: Progress,
): Promise<GraphAnswer[]> {
  const answers: GraphAnswer[] = [];
  const askForTheRest = async (onSend: () => void): Promise<GraphAnswer> => {
    const rest = [...paths.keys()].filter((n) => answers[n] === undefined || isRetried(answers[n].status));
    const requests = rest.map((n) => ({ id: String(n), method: "GET", url: paths[n] }));
    const whole = await ask({ path: "/$batch", body: { requests } }, signal, onSend);
    if (whole.status !== 200) return whole;
    for (const n of rest) answers[n] = partOf(whole, String(n));
    // One that has to wait makes the batch wait; what is answered is not asked for again.
    return (
      rest.map((n) => answers[n]).find((answer) => answer !== undefined && isRetried(answer.status)) ?? whole
    );
  };
  const last = await askUntilAnswered(askForTheRest, signal, deadline, progress);
  if (answers.length === paths.length) return answers;
  // Of the batch, and not of an application: no 404 of it says that there is none.
  if (last.status === 404) throw new Error("Graph answered 404 to a batch");
  return paths.map(() => last);
}

function partOf(whole: GraphAnswer, id: string): GraphAnswer {
  const responses = (whole.json as { responses?: unknown } | null | undefined)?.responses;
  const part = Array.isArray(responses) ? responses.find((response) => response?.id === id) : undefined;
  if (typeof part?.status !== "number") throw new Error("Graph left a part of a batch unanswered");
  const retryAfter = part.headers?.["Retry-After"];
  return { status: part.status, retryAfter: retryAfter == null ? null : String(retryAfter), json: part.body };
}
