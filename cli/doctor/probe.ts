import { randomUUID } from "node:crypto";
import { type ClientRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";
import { isObject } from "../../src/domain/application.ts";
import { errorReason } from "../cli-error.ts";
import { EVALUATION_PATH, evaluationBody } from "../service/evaluation-request.ts";

/** The longest wait for an answer. */
const TIMEOUT_MS = 15_000;

/** An answer with any status. */
interface Answered {
  readonly status: number;
  /** The body, if it is a JSON object. */
  readonly body: Record<string, unknown> | null;
  readonly isEmpty: boolean;
  readonly ms: number;
}

/** An answer with any status, or the reason why there was none. */
export type ProbeResponse = Answered | { readonly status: null; readonly reason: string };

interface ProbeRequest {
  readonly method?: string;
  /** Appended to the address unchanged: `fetch` would resolve dot segments. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Sends a request exactly as given, on its own connection. Every status is an answer, and redirects are not followed; after a
 * 101, which `fetch` would not allow, the connection is closed.
 */
export async function probe(
  address: string,
  { method = "GET", path, headers = {}, body = "" }: ProbeRequest,
): Promise<ProbeResponse> {
  const url = new URL(address);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const startedAt = performance.now();
  const length = method === "POST" && { "content-length": String(Buffer.byteLength(body)) };
  const options = {
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port,
    path: `${url.pathname.replace(/\/$/, "")}${path}`,
    method,
    headers: { ...headers, ...length },
    agent: false,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
  try {
    const { status, content } = await responseTo(send(options), body);
    const ms = Math.round(performance.now() - startedAt);
    return { status, body: parseObject(content), isEmpty: content === "", ms };
  } catch (error) {
    return { status: null, reason: errorReason(error) };
  }
}

/**
 * Asks about the access of an application to a random agent: it changes nothing, and LKPS answers only those who ask about
 * themselves. So the answer shows whom it identified as the caller.
 */
export async function probeCaller(
  address: string,
  application: string,
  headers: Record<string, string>,
): Promise<ProbeResponse> {
  const body = JSON.stringify(evaluationBody(application, randomUUID()));
  const json = { "content-type": "application/json", ...headers };
  return await probe(address, { method: "POST", path: EVALUATION_PATH, headers: json, body });
}

/** The `code` of a problem; empty if there is none. */
export function codeOf({ body }: Answered): string {
  const code = body?.["code"];
  return typeof code === "string" ? code : "";
}

/** The status, and the code if the answer is a problem; the reason if there is no answer. */
export function summaryOf(response: ProbeResponse): string {
  return response.status === null ? response.reason : `${response.status} ${codeOf(response)}`.trim();
}

async function responseTo(
  request: ClientRequest,
  body: string,
): Promise<{ status: number; content: string }> {
  return await new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("upgrade", ({ statusCode: status = 0 }, socket) => {
      socket.destroy();
      resolve({ status, content: "" });
    });
    request.on("response", (response) => {
      const { statusCode: status = 0 } = response;
      text(response).then((content) => resolve({ status, content }), reject);
    });
    request.end(body);
  });
}

function parseObject(json: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(json);
    return isObject(body) ? body : null;
  } catch {
    return null;
  }
}
