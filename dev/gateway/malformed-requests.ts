import { IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type GatewayProblemCode, gatewayProblem } from "./gateway-problem.ts";

/**
 * Responds to requests that Node's parser rejects, such as a malformed chunk, with the gateway's own problems
 * instead of Node's empty response. Also rejects CONNECT, which would bypass all routes.
 */
export function answerMalformedRequests(server: Server, baseUrl: string): void {
  const underWay = new WeakMap<Duplex, ServerResponse>();
  server.prependListener("request", (request, response) => underWay.set(request.socket, response));
  const answer = (socket: Duplex, code: GatewayProblemCode, request?: IncomingMessage) => {
    const response = underWay.get(socket);
    // The response has started, or the caller has disconnected.
    if (!socket.writable || response?.headersSent) {
      socket.destroy();
      return;
    }
    const about = request ?? response?.req ?? new IncomingMessage(new Socket());
    const { status, statusText, headers, body } = gatewayProblem(code, about, baseUrl);
    const fields = headers.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join("");
    const isHead = about.method === "HEAD";
    socket.end(`HTTP/1.1 ${status} ${statusText}\r\nConnection: close\r\n${fields}\r\n${isHead ? "" : body}`);
  };
  server.on("clientError", (_, socket) => answer(socket, "invalid_request"));
  // Ignores unknown expectations, which RFC 9110 (10.1.1) allows.
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
  server.on("connect", (request, socket) => answer(socket, "invalid_request", request));
}
