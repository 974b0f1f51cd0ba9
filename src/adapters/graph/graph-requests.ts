import { DependencyError } from "../../domain/dependency-error.ts";
import type { ReadLimits } from "../../domain/graph-reading.ts";
import type { Clock } from "../../domain/ports.ts";
import { retryAfterMs } from "../lib/http-response.ts";
import { withTimeout } from "../lib/timeout.ts";
import { inBatches, sendTogether } from "./graph-batch.ts";
import {
  type CallGraph,
  type GraphResponse,
  type ReadProgress,
  UnreadableResponseError,
} from "./graph-client.ts";
import { timeIsOver } from "./graph-response.ts";

/** Requests a path of Graph, with retries, and resolves to a response with any status. */
export type Get = (path: string) => Promise<GraphResponse>;

interface Request {
  readonly path: string;
  readonly resolve: (response: GraphResponse) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests that have no conclusive response yet. */
interface Retry {
  readonly requests: readonly Request[];
  readonly reason: unknown;
  /** The wait that Graph asks for, in milliseconds. */
  readonly requestedWait: number;
  /** Settles them with what there is. */
  giveUp(): void;
}

/** The statuses that Microsoft recommends to retry. */
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([429, 503, 504]);
const FIRST_BACKOFF_MS = 100;

/**
 * Acquires the first requests, and runs `work` until its deadline. The paths that it requests in the same turn are sent in
 * batches. Retries until there is a conclusive response: waits as long as Graph asks for, or with exponential backoff. If
 * a wait would exceed the deadline, the last response counts.
 *
 * Each path settles on its own. If the response to a batch is unreadable, for example because one part is too large, its
 * paths are requested one by one; a 401, 403, 429 or 5xx of the whole batch is the response to each of them. Each retry is
 * acquired here, before it is sent; `work` acquires what it requests beyond the first ones.
 *
 * @throws DependencyError or RateLimitError, at once and without sending anything, if there is no time, or the rate limit does
 *   not cover the first requests. The result rejects with what `work` throws, or that there was no response in time
 * @see https://learn.microsoft.com/graph/throttling
 * @see https://learn.microsoft.com/graph/json-batching
 */
export function withGraph<T>(
  callGraph: CallGraph,
  clock: Clock,
  limits: ReadLimits,
  firstRequests: number,
  progress: ReadProgress,
  work: (get: Get) => Promise<T>,
): Promise<T> {
  const timeoutMs = Math.ceil(limits.deadline - clock.elapsed());
  if (timeoutMs <= 0) throw timeIsOver(progress);
  limits.rateLimit.acquire(firstRequests);
  return withTimeout(timeoutMs, (signal) => work(createGet(callGraph, clock, limits, progress, signal)));
}

function createGet(
  callGraph: CallGraph,
  clock: Clock,
  { deadline, rateLimit }: ReadLimits,
  progress: ReadProgress,
  signal: AbortSignal,
): Get {
  /** Sends the requests as one. Settles those that have a conclusive response; returns the others. */
  const attempt = async (requests: readonly Request[]): Promise<Retry | undefined> => {
    let responses: ReadonlyMap<number, GraphResponse>;
    try {
      responses = await sendTogether(callGraph, requests, signal, progress);
    } catch (error) {
      const isTooLarge = error instanceof UnreadableResponseError && error.isTooLarge;
      // There is no access token, or the response would be as large the next time.
      if (isTooLarge || error instanceof DependencyError) throw error;
      // What the SDK makes of the deadline would hide why the previous attempt failed.
      signal.throwIfAborted();
      return { requests, reason: error, requestedWait: 0, giveUp: () => rejectAll(requests, error) };
    }
    const retried = new Map<Request, GraphResponse>();
    let requestedWait = 0;
    for (const [n, request] of requests.entries()) {
      const response = responses.get(n);
      const wait = retryAfterMs(response?.retryAfter ?? null, clock.now()) ?? 0;
      if (response === undefined) requestAlone(request);
      // A path whose `Retry-After` exceeds the deadline does not delay the others.
      else if (!RETRYABLE_STATUSES.has(response.status) || clock.elapsed() + wait >= deadline)
        request.resolve(response);
      else {
        retried.set(request, response);
        requestedWait = Math.max(requestedWait, wait);
      }
    }
    const [first] = retried.values();
    if (first === undefined) return undefined;
    const giveUp = () => {
      for (const [request, response] of retried) request.resolve(response);
    };
    const reason = new Error(`Graph returned ${first.status}`);
    return { requests: [...retried.keys()], reason, requestedWait, giveUp };
  };

  const complete = async (requests: readonly Request[]): Promise<void> => {
    let pending = requests;
    try {
      for (let tries = 0; ; tries++) {
        const retry = await attempt(pending);
        if (retry === undefined) {
          // Graph has recovered: what fails later has another cause.
          progress.lastFailure = undefined;
          return;
        }
        pending = retry.requests;
        // Half of the backoff is random, so that requests that failed together are not retried together. There is always
        // some: a `Retry-After` of zero or in the past must not cause a tight loop.
        const backoff = FIRST_BACKOFF_MS * 2 ** tries * (0.5 + Math.random() / 2);
        const wait = Math.max(retry.requestedWait, backoff);
        if (clock.elapsed() + wait >= deadline) return retry.giveUp();
        progress.lastFailure = retry.reason;
        rateLimit.acquire(pending.length);
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    } catch (error) {
      rejectAll(pending, error);
    }
  };
  const requestAlone = (request: Request) => {
    try {
      rateLimit.acquire();
    } catch (error) {
      return request.reject(error);
    }
    void complete([request]);
  };

  const send = inBatches((requests: readonly Request[]) => void complete(requests));
  return (path) => new Promise((resolve, reject) => send({ path, resolve, reject }));
}

function rejectAll(requests: readonly Request[], error: unknown): void {
  for (const { reject } of requests) reject(error);
}
