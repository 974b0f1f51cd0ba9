import { randomUUID } from "node:crypto";

/** A response of the stand-in. A body is JSON, or a page if it is a string. */
export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** A response with status 200. */
export const ok = (body: unknown): Answer => ({ status: 200, body });

/** An error in Microsoft Graph's format. */
export function graphError(status: number, code: string, message: string): Answer {
  const requestId = randomUUID();
  const date = new Date().toISOString().slice(0, 19);
  return {
    status,
    headers: { "request-id": requestId, ...(status === 401 && { "www-authenticate": "Bearer" }) },
    body: { error: { code, message, innerError: { date, "request-id": requestId } } },
  };
}

/** An error in Entra's format. */
export function entraError(status: number, error: string, code: number, text: string) {
  const timestamp = `${new Date().toISOString().slice(0, 19).replace("T", " ")}Z`;
  const traceId = randomUUID();
  const description = `AADSTS${code}: ${text} Trace ID: ${traceId} Timestamp: ${timestamp}`;
  const body = { error, error_description: description, error_codes: [code], timestamp, trace_id: traceId };
  return { status, body };
}
