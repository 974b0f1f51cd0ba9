import { retryAfterMs } from "../lib/retry-after.ts";
import { type CallGraph, type GraphAnswer, UnreadableAnswerError } from "./graph-client.ts";
import { type GraphRead, toReadFailure } from "./graph-read.ts";
import type { GraphResponse } from "./graph-response.ts";
import { type Get, getAlone } from "./read-identity.ts";
import { callWithRetry, isRetryable } from "./retry.ts";

/**
 * Requests paths in batches: those that are requested at the same time go into one. There may be at most 20 at a time.
 * The caller has paid for each path; retries are taken from the rate limit.
 */
export function getInBatches(callGraph: CallGraph, read: GraphRead): Get {
  let next: { path: string; resolve: (response: Promise<GraphResponse>) => void }[] = [];
  const send = () => {
    const requests = next;
    next = [];
    const paths = requests.map(({ path }) => path);
    for (const [n, response] of callBatch(callGraph, paths, { ...read }).entries()) {
      requests[n]?.resolve(response);
    }
  };
  return (path) =>
    new Promise((resolve) => {
      // Everything that follows from one response is requested before the immediate runs.
      if (next.length === 0) setImmediate(send);
      next.push({ path, resolve });
    });
}

/**
 * Requests several paths in one batch, and retries those that Graph throttled. Each result settles on its
 * own, as soon as it is known. If the batch response as a whole is unreadable, for example because one part
 * is too large, the remaining paths are requested one by one; those that the rate limit does not cover reject
 * with a RateLimitError that counts no attempts. A 401, 403, 429 or 5xx of the whole batch, or the
 * deadline, fails all of them.
 *
 * @param paths - at most 20, Graph's limit for one batch
 * @see https://learn.microsoft.com/graph/json-batching
 */
function callBatch(
  callGraph: CallGraph,
  paths: readonly string[],
  read: GraphRead,
): readonly Promise<GraphResponse>[] {
  const results = paths.map(() => Promise.withResolvers<GraphResponse>());
  const pending = new Set(paths.keys());

  const settle = (n: number, answer: GraphAnswer) => {
    pending.delete(n);
    // A copy: its times are those of the request that brought this answer.
    results[n]?.resolve({ answer, read: { ...read } });
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
        settle(n, part);
      } else if (wait > longestWait) {
        retried = part;
        longestWait = wait;
      }
    }
    return retried ?? batch;
  };
  const callOne = async (n: number) => {
    pending.delete(n);
    read.rateLimit.acquire();
    const own: GraphRead = { ...read, progress: { attempts: read.progress.attempts } };
    return await getAlone(
      callGraph,
      own,
    )(paths[n] ?? "").catch((error) => {
      throw toReadFailure(error, own.progress);
    });
  };

  const callAll = async () => {
    const answer = await callWithRetry(sendBatch, read, () => pending.size);
    if ([401, 403, 429].includes(answer.status) || answer.status >= 500) {
      for (const n of pending) settle(n, answer);
    }
    for (const n of [...pending]) results[n]?.resolve(callOne(n));
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
