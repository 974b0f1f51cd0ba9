import { isRecord } from "../../src/domain/application.ts";
import { reasonOf } from "../service/call-service.ts";

/** The most that an answer may take. */
export const PROBE_MS = 15_000;

/** What came back of a probe: an answer of whatever kind, or none. */
export type ProbeAnswer =
  | {
      readonly status: number;
      /** The JSON object in the body; `null` if there is none. */
      readonly body: Record<string, unknown> | null;
      readonly isEmpty: boolean;
      readonly ms: number;
    }
  | { readonly status: null; readonly reason: string };

/** Sends a request and takes any answer for one; a redirect is not followed. */
export async function probe(address: string, init: RequestInit = {}): Promise<ProbeAnswer> {
  const startedAt = performance.now();
  try {
    const signal = AbortSignal.timeout(PROBE_MS);
    const response = await fetch(address, { redirect: "manual", signal, ...init });
    const text = await response.text();
    const ms = Math.round(performance.now() - startedAt);
    return { status: response.status, body: objectIn(text), isEmpty: text === "", ms };
  } catch (error) {
    return { status: null, reason: reasonOf(error) };
  }
}

/** An AuthZEN evaluation: harmless, and its answer tells whom LKPS takes the caller for. */
export function evaluation(subject: string, resource: string, headers: Record<string, string>): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({
      subject: { type: "client_application", id: subject },
      action: { name: "access_as_client" },
      resource: { type: "agent", id: resource },
    }),
  };
}

/** The `code` of a problem; empty where there is none. */
export function codeOf({ body }: Answered): string {
  const code = body?.["code"];
  return typeof code === "string" ? code : "";
}

/** An answer in short: its status, and its code if it is a problem. */
export function said(answer: Answered): string {
  return `${answer.status} ${codeOf(answer)}`.trim();
}

type Answered = Extract<ProbeAnswer, { body: unknown }>;

/** The JSON object in a text; `null` if it is none. */
export function objectIn(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) ? body : null;
  } catch {
    return null;
  }
}
