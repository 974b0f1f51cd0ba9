import { createServer } from "node:http";
import { listen } from "../../dev/listen.ts";
import { acceptWebSocket, type WebSocketEnd } from "./web-socket.ts";

/** A client that has connected to LiveKit's endpoint. */
export interface Visitor extends WebSocketEnd {
  readonly path: string;
  /** From the address, as browsers send it, or from the header. */
  readonly token: string;
  /** The next message, starting with those that arrived earlier. */
  next(): Promise<Uint8Array>;
}

/** The endpoint of a LiveKit server: accepts WebSockets and sends nothing by itself. There is no room behind it. */
export interface LoopbackLiveKit {
  readonly url: string;
  /** The first client that has connected, or connects, to such a path and was not returned before. */
  visitor(path: RegExp): Promise<Visitor>;
  /** The number of clients that have connected to such a path so far. */
  count(path: RegExp): number;
  close(): Promise<void>;
}

/** Starts one on 127.0.0.1. */
export async function startLoopbackLiveKit(): Promise<LoopbackLiveKit> {
  const seen: string[] = [];
  const visitors: Visitor[] = [];
  const ends: WebSocketEnd[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = createServer((_, response) => response.writeHead(404).end());
  server.on("upgrade", (request, socket) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    const messages = mailbox();
    const end = acceptWebSocket(request, socket, messages.put);
    const bearer = request.headers.authorization?.replace(/^Bearer /, "");
    const token = searchParams.get("access_token") ?? bearer ?? "";
    seen.push(pathname);
    ends.push(end);
    visitors.push({ path: pathname, token, next: messages.take, ...end });
    arrived.resolve();
    arrived = Promise.withResolvers();
  });
  const { url, close } = await listen(server, 0);
  return {
    url: url.replace("http", "ws"),
    async visitor(path) {
      for (;;) {
        const at = visitors.findIndex((visitor) => path.test(visitor.path));
        const [found] = at < 0 ? [] : visitors.splice(at, 1);
        if (found !== undefined) return found;
        await arrived.promise;
      }
    },
    count: (path) => seen.filter((pathname) => path.test(pathname)).length,
    async close() {
      for (const end of ends) end.close();
      await close();
    },
  };
}

function mailbox() {
  const there: Uint8Array[] = [];
  const asked: ((message: Uint8Array) => void)[] = [];
  return {
    put(message: Uint8Array) {
      const next = asked.shift();
      if (next === undefined) there.push(message);
      else next(message);
    },
    take(): Promise<Uint8Array> {
      const first = there.shift();
      return first === undefined ? new Promise((resolve) => asked.push(resolve)) : Promise.resolve(first);
    },
  };
}
