import { type ClientRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";
import { reasonOf } from "../service/call-service.ts";
import { objectIn, PROBE_MS, type ProbeAnswer } from "./probe.ts";

/** A request whose path goes out to the letter; `fetch` would resolve dot segments and refuse an upgrade. */
export interface RawRequest {
  readonly method: string;
  /** Behind the address, as it is to be sent. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends it on a connection of its own, and takes any answer for one; 101 too, whose connection is closed at once. */
export async function probeRaw(
  address: string,
  { method, path, headers = {} }: RawRequest,
): Promise<ProbeAnswer> {
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
    signal: AbortSignal.timeout(PROBE_MS),
  };
  try {
    const { status, body } = await answerTo(send(options));
    const ms = Math.round(performance.now() - startedAt);
    return { status, body: objectIn(body), isEmpty: body === "", ms };
  } catch (error) {
    return { status: null, reason: reasonOf(error) };
  }
}

async function answerTo(request: ClientRequest): Promise<{ status: number; body: string }> {
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
