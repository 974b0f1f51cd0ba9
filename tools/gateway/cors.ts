import type { IncomingMessage } from "node:http";

/** What CORS makes of one request. */
export interface Cors {
  /** For the answer: by these a page of an allowed origin may read it. */
  readonly headers: readonly string[];
  /** A browser asks whether such a page may call, without a token: a 204 is the answer, and nothing goes to the app. */
  readonly preflight: boolean;
}

/**
 * CORS as the platform does it in Azure: an origin is allowed whole, and without cookies.
 * @param allowed - origins as browsers spell them: scheme, host and port, nothing behind
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function corsOf(allowed: readonly string[], { method, headers }: IncomingMessage): Cors {
  const { origin } = headers;
  if (origin === undefined || !allowed.includes(origin)) return { headers: [], preflight: false };
  const own = ["Access-Control-Allow-Origin", origin, "Vary", "Origin"];
  const wanted = headers["access-control-request-method"];
  if (method !== "OPTIONS" || wanted === undefined) return { headers: own, preflight: false };
  const names = headers["access-control-request-headers"];
  const more = names === undefined ? [] : ["Access-Control-Allow-Headers", names];
  return { headers: [...own, "Access-Control-Allow-Methods", wanted, ...more], preflight: true };
}
