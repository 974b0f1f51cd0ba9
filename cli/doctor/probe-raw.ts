import { type ClientRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";
import { errorReason } from "../cli-error.ts";
import { PROBE_TIMEOUT_MS, type ProbeResponse, parseObject } from "./probe.ts";

/** A request that is sent exactly as given; `fetch` would resolve dot segments and refuse an upgrade. */
export interface RawRequest {
  readonly method: string;
  /** Appended to the address unchanged. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request on its own connection. Every status is an answer; after a 101 the connection is closed. */
export async function probeRaw(
  address: string,
  { method, path, headers = {} }: RawRequest,
): Promise<ProbeResponse> {
  const url = new URL(address);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const startedAt = performance.now();
  const options = {
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port,
    path: `${url.pathname.replace(/\/$/, "")}${path}`,
    method,
    headers: method === "POST" ? { ...headers, "content-length": "0" } : headers,
    agent: false,
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  };
  try {
    const { status, body } = await responseTo(send(options));
    const ms = Math.round(performance.now() - startedAt);
    return { status, body: parseObject(body), isEmpty: body === "", ms };
  } catch (error) {
    return { status: null, reason: errorReason(error) };
  }
}

async function responseTo(request: ClientRequest): Promise<{ status: number; body: string }> {
  return await new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("upgrade", ({ statusCode = 0 }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, body: "" });
    });
    request.on("response", (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    request.end();
  });
}
