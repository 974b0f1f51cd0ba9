import { retryAfterMs } from "../lib/retry-after.ts";
import { type CallGraph, type GraphAnswer, UnreadableAnswerError } from "./graph-client.ts";
import { type GraphRead, toReadFailure } from "./graph-read.ts";
import { callWithRetry, isRetryable } from "./retry.ts";

/**
 * Asks for several paths in one request, and again for those that Graph had no time for. Each path's result is its own,
 * and there as soon as it is known: where the batch as a batch cannot be read, as one part may be too large or wrong, the
 * paths without a result are asked for one by one. A refusal, throttling, a 5xx and the end of time are everybody's.
 *
 * @param paths - at most 20, which is what Graph takes in one batch
 * @param toResult - makes a path's result of its answer, whatever its status; what it throws is the result too
 * @see https://learn.microsoft.com/graph/json-batching
 */
export function callBatch<T>(
  callGraph: CallGraph,
  paths: readonly string[],
  read: GraphRead,
  toResult: (answer: GraphAnswer, read: GraphRead) => T,
): readonly Promise<T>[] {
  const results = paths.map(() => Promise.withResolvers<T>());
  const pending = new Set(paths.keys());

  /** Whatever `work` comes to is the path's result. */
  const settle = async (n: number, work: () => T | Promise<T>) => {
    pending.delete(n);
    try {
      results[n]?.resolve(await work());
    } catch (error) {
      results[n]?.reject(error);
    }
  };
  const sendBatch = async (onSend: () => void): Promise<GraphAnswer> => {
    const requests = [...pending].map((n) => ({ id: String(n), method: "GET", url: paths[n] }));
    const batch = await callGraph({ path: "/$batch", body: { requests } }, read.signal, onSend).catch(
      (error) => {
        if (error instanceof UnreadableAnswerError && !read.signal.aborted) return UNREADABLE;
        throw error;
      },
    );
    if (batch.status !== 200) return batch;
    let retried: GraphAnswer | undefined;
    let longestWait = -1;
    for (const [n, part] of partsOf(batch)) {
      if (!pending.has(n)) continue;
      // One that must wait too long is not waited for by the others.
      const wait = retryAfterMs(part.retryAfter, Date.now()) ?? 0;
      if (!isRetryable(part.status) || performance.now() + wait >= read.deadline) {
        await settle(n, () => toResult(part, read));
      } else if (wait > longestWait) {
        retried = part;
        longestWait = wait;
      }
    }
    return retried ?? batch;
  };
  const callOne = (n: number) =>
    settle(n, async () => {
      read.allowance.take();
      const own: GraphRead = { ...read, progress: { attempts: read.progress.attempts } };
      const call = { path: paths[n] ?? "" };
      try {
        return toResult(await callWithRetry((onSend) => callGraph(call, own.signal, onSend), own), own);
      } catch (error) {
        throw toReadFailure(error, own.progress);
      }
    });

  const callAll = async () => {
    const answer = await callWithRetry(sendBatch, read, () => {
      for (const _ of pending) read.allowance.take();
    });
    if ([401, 403, 429].includes(answer.status) || answer.status >= 500) {
      for (const n of pending) await settle(n, () => toResult(answer, read));
    }
    await Promise.all([...pending].map(callOne));
  };
  callAll().catch((error) => {
    for (const { reject } of results) reject(error);
  });
  return results.map(({ promise }) => promise);
}

/** In place of an answer that is too large or broke off: one that holds no part, so that its paths are asked one by one. */
const UNREADABLE: GraphAnswer = { status: 200, retryAfter: null, json: undefined };

/** The parts of a batch's answer, by the number of the path that they were asked for; none where it is no such answer. */
function partsOf({ json }: GraphAnswer): Map<number, GraphAnswer> {
  const responses = (json as { responses?: unknown } | null | undefined)?.responses;
  const parts = new Map<number, GraphAnswer>();
  const seen = new Set<number>();
  for (const part of Array.isArray(responses) ? responses : []) {
    const n = Number(part?.id);
    if (part?.id !== String(n) || typeof part.status !== "number") continue;
    // Of two answers to one question neither is one to go by.
    if (seen.has(n)) parts.delete(n);
    else {
      const retryAfter = part.headers?.["Retry-After"];
      const json = part.body;
      parts.set(n, { status: part.status, retryAfter: retryAfter == null ? null : String(retryAfter), json });
    }
    seen.add(n);
  }
  return parts;
}
