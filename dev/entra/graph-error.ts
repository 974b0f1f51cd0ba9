import { randomUUID } from "node:crypto";
import type { Answer } from "./json-response.ts";

/** An error in Microsoft Graph's format. */
export function graphError(status: number, code: string, message: string): Answer {
  const requestId = randomUUID();
  return {
    status,
    headers: { "request-id": requestId, ...(status === 401 && { "www-authenticate": "Bearer" }) },
    body: {
      error: {
        code,
        message,
        innerError: {
          date: new Date().toISOString().slice(0, 19),
          "request-id": requestId,
          "client-request-id": requestId,
        },
      },
    },
  };
}
