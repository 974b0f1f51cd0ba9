import { randomUUID } from "node:crypto";
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { AppResponse } from "./forward.ts";

const refusals = {
  invalid_request: {
    status: 400,
    title: "The request is not valid",
    detail: "The gateway does not pass this request on: its path, its framing or its headers are malformed.",
  },
  caller_unidentified: {
    status: 401,
    title: "The caller could not be identified",
    detail: "Send an access token for LKPS, issued by Microsoft Entra ID, as Authorization: Bearer.",
    headers: ["WWW-Authenticate", "Bearer"],
  },
  invalid_token: {
    status: 401,
    title: "The access token is not valid",
    detail: "Send one access token for LKPS, issued by Microsoft Entra ID, as Authorization: Bearer.",
    headers: ["WWW-Authenticate", 'Bearer error="invalid_token"'],
  },
  application_token_required: {
    status: 403,
    title: "An application token is required",
    detail: "Call this route with a token that the agent got for itself, by its client credentials.",
  },
  not_found: {
    status: 404,
    title: "There is no such route",
    detail: "LKPS has no route with this path and method. GET /api/docs lists all of them.",
  },
  body_too_large: {
    status: 413,
    title: "The body is too large",
    detail: "A body can have at most 64 KiB.",
  },
  bad_gateway: {
    status: 502,
    title: "LKPS could not be reached",
    detail: "The gateway could not reach LKPS. Try again later.",
  },
  directory_unavailable: {
    status: 503,
    title: "Microsoft Entra ID is not available",
    detail: "The gateway could not get the tenant's keys from Microsoft Entra ID. Try again later.",
    headers: ["Retry-After", "5"],
  },
} satisfies Record<string, { status: number; title: string; detail: string; headers?: string[] }>;

/** Why the gateway rejects a request. */
export type RefusalCode = keyof typeof refusals;

/** Builds the gateway's own error response: a problem (RFC 9457), like LKPS's. */
export function refusal(code: RefusalCode, request: IncomingMessage): AppResponse {
  const {
    status,
    title,
    detail,
    headers = [],
  }: { headers?: string[] } & (typeof refusals)[RefusalCode] = refusals[code];
  const type = `/api/docs/problems.html#${code}`;
  const instance = `urn:lkps:gateway:${randomUUID()}`;
  const body = Buffer.from(JSON.stringify({ type, title, status, detail, instance, code }));
  const requestId = request.headers["x-request-id"];
  return {
    status,
    statusText: STATUS_CODES[status] ?? "",
    headers: [
      ...["Content-Type", "application/problem+json", "Cache-Control", "no-store"],
      ...["Content-Length", String(body.length), ...headers],
      ...(typeof requestId === "string" && /^[\x20-\x7e]{1,128}$/.test(requestId)
        ? ["X-Request-ID", requestId]
        : []),
    ],
    body,
  };
}
