import type { IncomingMessage } from "node:http";

/** What CORS makes of one request. */
export interface Cors {
  /** For the answer: by these a page of an allowed origin may read it. */
  readonly headers: readonly string[];
  /** A browser asks whether such a page may call, without a token: a 204 is the answer, and nothing goes to the app. */
  readonly preflight: boolean;
}

/** What LKPS takes; the sample gateways allow the same, so that what works here works there. */
export const allowedMethods = ["GET", "POST", "DELETE"];
export const allowedHeaders = ["authorization", "content-type", "x-request-id"];
/** Without these a page sees a refusal, but not when to try again, nor what to quote. */
export const exposedHeaders = ["Retry-After", "X-Request-ID"];

/**
 * CORS as the sample gateways do it: an origin is allowed whole, and without cookies.
 * @param allowed - origins as browsers spell them: scheme, host and port, nothing behind
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function corsOf(allowed: readonly string[], { method, headers }: IncomingMessage): Cors {
  const { origin } = headers;
  if (origin === undefined || !allowed.includes(origin)) return { headers: [], preflight: false };
  const own = ["Access-Control-Allow-Origin", origin, "Vary", "Origin"];
  const list = (names: readonly string[]) => names.join(", ");
  if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) {
    return { headers: [...own, "Access-Control-Expose-Headers", list(exposedHeaders)], preflight: false };
  }
  const allowing = [
    ...["Access-Control-Allow-Methods", list(allowedMethods)],
    ...["Access-Control-Allow-Headers", list(allowedHeaders)],
  ];
  return { headers: [...own, ...allowing], preflight: true };
}
