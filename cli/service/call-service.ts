import { isRecord } from "../../src/domain/application.ts";
import { requirePrivate } from "../graph/open-graph.ts";
import { CouldNotTell } from "../outcome.ts";
import { waiting } from "../progress.ts";

/** Longer than LKPS itself takes at most for one request. */
const ANSWER_MS = 30_000;

/** What is asked of LKPS. */
export interface ServiceCall {
  readonly url: string;
  readonly token: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  /** For the one who waits. */
  readonly what: string;
}

/** An answer with an object in it, a problem or not. */
export interface ServiceAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/**
 * Asks a running LKPS.
 *
 * @throws CouldNotTell where it does not answer, or what answers is not LKPS
 */
export async function callService({
  url,
  token,
  method,
  path,
  body,
  what,
}: ServiceCall): Promise<ServiceAnswer> {
  requirePrivate(url);
  return await waiting(what, async () => {
    const { status, text } = await send(`${url}${path}`, {
      method,
      // A gateway in front redirects to a sign-in page where it does not like a token: that is no answer.
      redirect: "manual",
      headers: {
        authorization: `Bearer ${token}`,
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return { status, body: objectIn(text, status, url) };
  });
}

async function send(address: string, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(address, init);
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new CouldNotTell(
      "service_unreachable",
      `LKPS does not answer at ${address}: ${reasonOf(error)}.`,
      error,
    );
  }
}

function objectIn(text: string, status: number, url: string): Record<string, unknown> {
  const advice = ADVICE[status] ?? `Is ${url} the address of LKPS, or of the gateway in front of it?`;
  try {
    const body: unknown = JSON.parse(text);
    if (isRecord(body) && !Array.isArray(body)) return body;
  } catch {}
  throw new CouldNotTell(
    "not_lkps",
    `Something at ${url} answered ${status}, and not as LKPS does. ${advice}`,
  );
}

const ADVICE: Readonly<Record<number, string>> = {
  401: "The gateway takes the token for none of LKPS: is it one for LKPS, and not expired? Or is this the app itself, past the gateway?",
  403: "The gateway or a firewall in front of it refuses you.",
  404: "Is it the address without the path, as https://lkps.example.com?",
  502: "The gateway does not reach LKPS: ask its operators, or run lkps doctor.",
};

/** Why a request came to nothing: the innermost cause, in the words of whoever met it. */
export function reasonOf(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  if (!(innermost instanceof Error)) return "it broke off";
  if (innermost.name === "TimeoutError") return "it takes too long";
  const { code } = innermost as NodeJS.ErrnoException;
  return (innermost.message || code || innermost.name).slice(0, 200);
}
