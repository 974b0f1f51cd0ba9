import { randomUUID } from "node:crypto";
import { PROBLEMS_PAGE, problemTypes } from "../../src/contract/problem-types.ts";

/** What the gateway says, and the headers it adds. Status and title are LKPS's own for the same code. */
const refusals = {
  invalid_request: {
    detail: "The gateway did not forward this request, because its path, framing, or headers are malformed.",
  },
  caller_unidentified: {
    detail: "Send an access token for LKPS, issued by Microsoft Entra ID, as Authorization: Bearer.",
    headers: { "WWW-Authenticate": "Bearer" },
  },
  invalid_token: {
    detail: "Send one access token for LKPS, issued by Microsoft Entra ID, as Authorization: Bearer.",
    headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' },
  },
  application_token_required: {
    detail:
      "Call this route with an access token that the agent requested for itself: with its managed identity or its client credentials.",
  },
  not_found: { detail: "LKPS has no route with this path and method. GET /api/docs lists all of them." },
  body_too_large: { detail: "A body can have at most 64 KiB; a webhook, 1 MiB." },
  bad_gateway: { detail: "The gateway could not reach LKPS. Try again later." },
  directory_unavailable: {
    detail: "The gateway could not get the tenant's keys from Microsoft Entra ID. Try again later.",
    headers: { "Retry-After": "5" },
  },
} satisfies Record<string, { detail: string; headers?: Record<string, string> }>;

const types = { ...problemTypes, bad_gateway: { status: 502, title: "LKPS could not be reached" } };

/** Why the gateway rejects a request. */
export type Refusal = keyof typeof refusals;

/**
 * Builds the gateway's own error response: a problem (RFC 9457), like LKPS's.
 *
 * @param baseUrl - the address that callers use; empty if it is not known
 * @param requestId - the request's `X-Request-ID`, echoed as LKPS does
 */
export function gatewayProblem(code: Refusal, baseUrl: string, requestId = ""): Response {
  const { status, title } = types[code];
  const { detail, headers }: { detail: string; headers?: Record<string, string> } = refusals[code];
  const type = `${baseUrl}${PROBLEMS_PAGE}#${code}`;
  const instance = `urn:lkps:gateway:${randomUUID()}`;
  return new Response(JSON.stringify({ type, title, status, detail, instance, code }), {
    status,
    headers: {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      ...headers,
      ...(/^[\x20-\x7e]{1,128}$/.test(requestId) && { "X-Request-ID": requestId }),
    },
  });
}
