import { isObject } from "../../src/domain/application.ts";
import { CliError, errorReason } from "../cli-error.ts";
import { withProgress } from "../progress.ts";
import { requireSecureUrl } from "../secure-url.ts";

/** Longer than the longest request to LKPS. */
const TIMEOUT_MS = 30_000;

/** A request to LKPS. */
export interface ServiceCall {
  readonly url: string;
  readonly token: string;
  readonly method: "DELETE" | "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  /** Shown while it runs, such as "Reading the sessions". */
  readonly what: string;
}

/** An answer with a JSON object, which may be a problem; an empty object if the answer has no content. */
export interface ServiceResponse {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/**
 * Sends a request to LKPS.
 *
 * @throws CliError `service_unreachable` or `not_lkps`
 */
export async function callService({
  url,
  token,
  method,
  path,
  body,
  what,
}: ServiceCall): Promise<ServiceResponse> {
  requireSecureUrl(url);
  return await withProgress(what, async () => {
    const { status, text } = await send(`${url}${path}`, {
      method,
      // A gateway may redirect to a sign-in page if it rejects the token: that is not an answer of LKPS.
      redirect: "manual",
      headers: {
        authorization: `Bearer ${token}`,
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    // Whatever the server repeats, the token is not printed.
    return { status, body: parseResponse(text.replaceAll(token, "…"), status, url) };
  });
}

async function send(address: string, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(address, init);
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new CliError(
      "service_unreachable",
      `LKPS does not answer at ${address}: ${errorReason(error)}.`,
      error,
    );
  }
}

/** The JSON object that LKPS answered. Its problems all have a code, so an error without one is not from LKPS. */
function parseResponse(text: string, status: number, url: string): Record<string, unknown> {
  if (status === 204) return {};
  try {
    const body: unknown = JSON.parse(text);
    const isSuccess = status >= 200 && status < 300;
    if (isObject(body) && (isSuccess || typeof body["code"] === "string")) return body;
  } catch {}
  const advice = ADVICE[status] ?? `Check that ${url} is the address of LKPS or of its gateway.`;
  throw new CliError("not_lkps", `${url} answered ${status}, but the answer is not from LKPS. ${advice}`);
}

const ADVICE: Readonly<Record<number, string>> = {
  401: "The gateway rejected the token. Check that the token is for LKPS and has not expired, and that the address is the gateway's, not the app's.",
  403: "The gateway, or a firewall in front of it, refused the request.",
  404: "Check that the address has no path, as in https://lkps.example.com.",
  502: "The gateway cannot reach LKPS. Ask its operators, or run lkps doctor.",
};
