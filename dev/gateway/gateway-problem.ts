import { randomUUID } from "node:crypto";
import { type IncomingMessage, STATUS_CODES } from "node:http";
import { PROBLEMS_PAGE, problemTypes } from "../../src/contract/problem-types.ts";
import type { AppResponse } from "./forward.ts";

/** What the gateway says, and the headers it adds. Status and title are LKPS's own for the same code. */
const refusals = {
  invalid_request: [
    "The gateway did not forward this request, because its path, framing, or headers are malformed.",
  ],
  caller_unidentified: [
    "Send an access token for LKPS, issued by Microsoft Entra ID, as Authorization: Bearer.",
    "WWW-Authenticate",
    "Bearer",
  ],
  invalid_token: [
    "Send one access token for LKPS, issued by Microsoft Entra ID, as Authorization: Bearer.",
    "WWW-Authenticate",
    'Bearer error="invalid_token"',
  ],
  application_token_required: [
    "Call this route with an access token that the agent requested for itself: with its managed identity or its client credentials.",
  ],
  not_found: ["LKPS has no route with this path and method. GET /api/docs lists all of them."],
  body_too_large: ["A body can have at most 64 KiB."],
  bad_gateway: ["The gateway could not reach LKPS. Try again later."],
  directory_unavailable: [
    "The gateway could not get the tenant's keys from Microsoft Entra ID. Try again later.",
    "Retry-After",
    "5",
  ],
} satisfies Record<string, [detail: string, ...headers: string[]]>;

const types = { ...problemTypes, bad_gateway: { status: 502, title: "LKPS could not be reached" } };

/** Why the gateway rejects a request. */
export type GatewayProblemCode = keyof typeof refusals;

/**
 * Builds the gateway's own error response: a problem (RFC 9457), like LKPS's.
 *
 * @param baseUrl - the address that callers use; empty if it is not known
 */
export function gatewayProblem(
  code: GatewayProblemCode,
  request: IncomingMessage,
  baseUrl: string,
): AppResponse {
  const { status, title } = types[code];
  const [detail, ...headers] = refusals[code];
  const type = `${baseUrl}${PROBLEMS_PAGE}#${code}`;
  const instance = `urn:lkps:gateway:${randomUUID()}`;
  const body = Buffer.from(JSON.stringify({ type, title, status, detail, instance, code }));
  return {
    status,
    statusText: STATUS_CODES[status] ?? "",
    headers: [
      ...["Content-Type", "application/problem+json", "Cache-Control", "no-store"],
      ...["Content-Length", String(body.length), ...headers],
      ...requestIdHeader(request),
    ],
    body,
  };
}

/** Echoes `X-Request-ID` as LKPS does. */
export function requestIdHeader({ headers }: IncomingMessage): string[] {
  const requestId = headers["x-request-id"];
  return typeof requestId === "string" && /^[\x20-\x7e]{1,128}$/.test(requestId)
    ? ["X-Request-ID", requestId]
    : [];
}
