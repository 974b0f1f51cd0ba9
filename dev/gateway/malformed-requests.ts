import { IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type RefusalCode, refusal } from "./refusal.ts";

/**
 * Answers what Node's parser refuses by itself, such as a malformed chunk, as the gateway's own refusals; Node would
 * close with an empty answer. CONNECT too, which is a tunnel past all routes.
 */
export function answerMalformedRequests(server: Server): void {
  const underWay = new WeakMap<Duplex, ServerResponse>();
  server.prependListener("request", (request, response) => underWay.set(request.socket, response));
  const answer = (socket: Duplex, code: RefusalCode, request?: IncomingMessage) => {
    const response = underWay.get(socket);
    // The head of an answer is out, or nobody reads it any more.
    if (!socket.writable || response?.headersSent) {
      socket.destroy();
      return;
    }
    const about = request ?? response?.req ?? new IncomingMessage(new Socket());
    const { status, statusText, headers, body } = refusal(code, about);
    const fields = headers.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join("");
    const isHead = about.method === "HEAD";
    socket.end(`HTTP/1.1 ${status} ${statusText}\r\nConnection: close\r\n${fields}\r\n${isHead ? "" : body}`);
  };
  server.on("clientError", (_, socket) => answer(socket, "invalid_request"));
  // An expectation that nobody knows is as if it were not there (RFC 9110, 10.1.1, leaves that open).
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
  server.on("connect", (request, socket) => answer(socket, "invalid_request", request));
}
