import { isObject } from "../../src/domain/application.ts";
import { errorReason } from "../cli-error.ts";
import { evaluationBody } from "../service/evaluation-request.ts";

/** The longest wait for an answer. */
export const PROBE_TIMEOUT_MS = 15_000;

/** An answer with any status, or the reason why there was none. */
export type ProbeResponse =
  | {
      readonly status: number;
      /** The body, if it is a JSON object. */
      readonly body: Record<string, unknown> | null;
      readonly isEmpty: boolean;
      readonly ms: number;
    }
  | { readonly status: null; readonly reason: string };

/** Sends a request. Every status is an answer, and redirects are not followed. */
export async function probe(address: string, init: RequestInit = {}): Promise<ProbeResponse> {
  const startedAt = performance.now();
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const response = await fetch(address, { redirect: "manual", signal, ...init });
    const text = await response.text();
    const ms = Math.round(performance.now() - startedAt);
    return { status: response.status, body: parseObject(text), isEmpty: text === "", ms };
  } catch (error) {
    return { status: null, reason: errorReason(error) };
  }
}

/** An AuthZEN evaluation: it changes nothing, and the answer shows whom LKPS identified as the caller. */
export function evaluation(subject: string, resource: string, headers: Record<string, string>): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(evaluationBody(subject, resource)),
  };
}

/** The `code` of a problem; empty if there is none. */
export function codeOf({ body }: Answered): string {
  const code = body?.["code"];
  return typeof code === "string" ? code : "";
}

/** The status, and the code if the answer is a problem. */
export function summaryOf(answer: Answered): string {
  return `${answer.status} ${codeOf(answer)}`.trim();
}

type Answered = Extract<ProbeResponse, { body: unknown }>;

/** Parses a JSON object; `null` if the text is not one. */
export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : null;
  } catch {
    return null;
  }
}
