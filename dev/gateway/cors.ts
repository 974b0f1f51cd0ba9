import type { IncomingMessage } from "node:http";
import type { AppResponse } from "./forward.ts";

/** The CORS result for one request. */
export interface Cors {
  /** Response headers that let an allowed origin read the response. */
  readonly headers: readonly string[];
  /** Whether this is a preflight request. It has no token; respond with 204 and don't forward it. */
  readonly preflight: boolean;
}

/** The answer to a preflight request. */
export const preflightAnswer: AppResponse = {
  status: 204,
  statusText: "No Content",
  headers: ["content-length", "0"],
  body: Buffer.alloc(0),
};

/** The methods and headers that LKPS accepts. The sample gateways allow the same. */
export const allowedMethods = ["GET", "POST", "DELETE"];
export const allowedHeaders = ["authorization", "content-type", "x-request-id"];
/** How long a browser may cache the answer to a preflight, in the sample gateways too. */
const MAX_AGE_SECONDS = 600;
/** Without these, a page can't read when to retry or the request id. */
export const exposedHeaders = ["Retry-After", "X-Request-ID"];

/**
 * Handles CORS like the sample gateways: an allowed origin gets full access, without cookies.
 *
 * @param allowed - origins as browsers send them: scheme, host and port only
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function corsOf(allowed: readonly string[], { method, headers }: IncomingMessage): Cors {
  const { origin } = headers;
  if (origin === undefined || !allowed.includes(origin)) return { headers: [], preflight: false };
  const corsHeaders = ["Access-Control-Allow-Origin", origin, "Vary", "Origin"];
  const list = (names: readonly string[]) => names.join(", ");
  if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) {
    return {
      headers: [...corsHeaders, "Access-Control-Expose-Headers", list(exposedHeaders)],
      preflight: false,
    };
  }
  const allowing = [
    ...["Access-Control-Allow-Methods", list(allowedMethods)],
    ...["Access-Control-Allow-Headers", list(allowedHeaders)],
    ...["Access-Control-Max-Age", String(MAX_AGE_SECONDS)],
  ];
  return { headers: [...corsHeaders, ...allowing], preflight: true };
}
