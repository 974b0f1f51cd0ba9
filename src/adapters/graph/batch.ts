import { retryAfterMs } from "../lib/retry-after.ts";
import { type CallGraph, type GraphAnswer, UnreadableAnswerError } from "./graph-client.ts";
import { type GraphRead, toReadFailure } from "./graph-read.ts";
import { callWithRetry, isRetryable } from "./retry.ts";

/**
 * Requests several paths in one batch, and retries those that Graph throttled. Each result settles on its
 * own, as soon as it is known. If the batch response as a whole is unreadable, for example because one part
 * is too large, the remaining paths are requested one by one; those that the allowance does not cover reject
 * with a TooManyReadsError that counts no attempts. A 401, 403, 429 or 5xx of the whole batch, or the
 * deadline, fails all of them.
 *
 * @param paths - at most 20, Graph's limit for one batch
 * @param toResult - turns a response with any status into the path's result; what it throws rejects that
 *   result
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

  /** Settles the path's result with the outcome of `work`. */
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
      // A path whose `Retry-After` exceeds the deadline does not delay the others.
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
    const failure = toReadFailure(error, read.progress);
    for (const { reject } of results) reject(failure);
  });
  return results.map(({ promise }) => promise);
}

/** Stands in for an unreadable response. It has no parts, so the paths are requested one by one. */
const UNREADABLE: GraphAnswer = { status: 200, retryAfter: null, json: undefined };

/** The parts of a batch response by the index of their path; empty if the response is malformed. */
function partsOf({ json }: GraphAnswer): Map<number, GraphAnswer> {
  const responses = (json as { responses?: unknown } | null | undefined)?.responses;
  const parts = new Map<number, GraphAnswer>();
  const seen = new Set<number>();
  for (const part of Array.isArray(responses) ? responses : []) {
    const n = Number(part?.id);
    if (part?.id !== String(n) || typeof part.status !== "number") continue;
    // If two parts have the same id, neither can be trusted.
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
