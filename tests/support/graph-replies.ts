import type { CallGraph } from "../../src/adapters/graph/graph-client.ts";
import { systemClock as clock } from "../../src/adapters.ts";
import { type GraphRateLimit, RateLimitError } from "../../src/domain/graph-reading.ts";

/** Graph's response to one path. */
export interface GraphReply {
  readonly status: number;
  readonly body?: unknown;
}

/** A Graph with these responses, alone and in batches; which paths it was asked, and when each request came. */
export function graphOf(replyTo: (path: string) => GraphReply) {
  const asked: string[] = [];
  const times: number[] = [];
  const callGraph: CallGraph = async ({ path, body }, _signal, progress) => {
    progress.attempts++;
    const requestedAt = clock.elapsed();
    times.push(requestedAt);
    const replyOf = (url: string) => {
      asked.push(url);
      return replyTo(url);
    };
    await new Promise(setImmediate);
    const sent = { retryAfter: null, readAt: clock.now(), requestedAt };
    if (body === undefined) {
      const { status, body: json } = replyOf(path);
      return { status, json, ...sent };
    }
    const { requests } = body as { requests: { id: string; url: string }[] };
    const responses = requests.map(({ id, url }) => ({ id, ...replyOf(url) }));
    return { status: 200, json: { responses }, ...sent };
  };
  return { callGraph, asked, times };
}

/** A rate limit with so many requests left. */
export function limited(left: number, retryAfterMs = 1_000): GraphRateLimit {
  return {
    acquire: (count = 1) => {
      if (count > left) throw new RateLimitError(retryAfterMs);
      left -= count;
    },
    remaining: () => left,
  };
}
