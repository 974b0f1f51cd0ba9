import { isObject } from "../../domain/application.ts";
import {
  type CallGraph,
  type GraphResponse,
  type ReadProgress,
  UnreadableResponseError,
} from "./graph-client.ts";

// Those of a whole batch that are everybody's: asking for each part would only multiply the requests.
const SHARED_STATUSES: ReadonlySet<number> = new Set([401, 403, 429]);

/** Graph's limit for one batch. */
const BATCH_SIZE = 20;

/** Collects what is requested in the same turn, and passes it on in batches. */
export function inBatches<T>(send: (requests: readonly T[]) => void): (request: T) => void {
  let next: T[] = [];
  const flush = () => {
    const requests = next;
    next = [];
    for (let n = 0; n < requests.length; n += BATCH_SIZE) send(requests.slice(n, n + BATCH_SIZE));
  };
  return (request) => {
    // Everything that follows from one response is requested before the immediate runs.
    if (next.length === 0) setImmediate(flush);
    next.push(request);
  };
}

/**
 * Sends these as one request: a plain GET for one path, and a batch for more, 20 at most. The result has the response
 * to each path by its index, and lacks those that can't be told from the response to the batch.
 *
 * @throws like {@link CallGraph}, except for a batch whose response is unreadable
 */
export async function sendTogether(
  callGraph: CallGraph,
  gets: readonly { readonly path: string }[],
  signal: AbortSignal,
  progress: ReadProgress,
): Promise<ReadonlyMap<number, GraphResponse>> {
  const [only] = gets;
  if (only !== undefined && gets.length === 1)
    return new Map([[0, await callGraph({ path: only.path }, signal, progress)]]);
  const requests = gets.map(({ path: url }, n) => ({ id: String(n), method: "GET", url }));
  try {
    const batch = await callGraph({ path: "/$batch", body: { requests } }, signal, progress);
    if (batch.status === 200) return partsOf(batch);
    const isShared = SHARED_STATUSES.has(batch.status) || batch.status >= 500;
    return new Map(isShared ? gets.map((_, n) => [n, batch]) : []);
  } catch (error) {
    if (error instanceof UnreadableResponseError && !signal.aborted) return new Map();
    throw error;
  }
}

/** The parts of a batch response by the index of their path; empty if the response is malformed. */
function partsOf(batch: GraphResponse): ReadonlyMap<number, GraphResponse> {
  const responses = isObject(batch.json) ? batch.json["responses"] : undefined;
  const parts = new Map<number, GraphResponse>();
  const seen = new Set<number>();
  for (const part of Array.isArray(responses) ? responses : []) {
    const n = Number(part?.id);
    if (part?.id !== String(n) || typeof part.status !== "number") continue;
    // If two parts have the same id, neither can be trusted.
    if (seen.has(n)) parts.delete(n);
    else {
      const retryAfter = part.headers?.["Retry-After"];
      const { readAt, requestedAt } = batch;
      const own = { status: part.status, retryAfter: retryAfter == null ? null : String(retryAfter) };
      parts.set(n, { ...own, json: part.body, readAt, requestedAt });
    }
    seen.add(n);
  }
  return parts;
}
