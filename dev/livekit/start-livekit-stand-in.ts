import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { isForThisMachine } from "../is-for-this-machine.ts";
import { listen } from "../listen.ts";
import { devKey } from "../livekit-server.ts";
import type { Workers } from "./agents.ts";
import { type Clients, createClients } from "./clients.ts";
import { type Clock, systemClock } from "./clock.ts";
import { createPlayers } from "./play-over-http.ts";
import { createRooms } from "./rooms.ts";
import { callServerApi } from "./server-api.ts";
import { createWebhookSender } from "./webhooks.ts";

export interface LiveKitStandInOptions {
  /** 0, the default, picks a free port. */
  port?: number;
  /** The real time by default. */
  clock?: Clock;
  /** Where its webhooks go; nowhere if undefined. */
  webhookUrl?: string;
  /**
   * Called first for every request. Returns true if it has responded or never will; tests use it to make LiveKit
   * slow or broken, or to make it lie.
   */
  intercept?: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
}

export interface LiveKitStandIn {
  /** For `LIVEKIT_URL`. */
  readonly url: string;
  readonly join: Clients["join"];
  readonly registerWorker: Workers["register"];
  /** Sends webhooks there from now on; undefined loses them. */
  sendWebhooksTo(url: string | undefined): void;
  /** Dies and comes back: its rooms are gone, and the clients that were in them come back 2 seconds later. */
  restart(): void;
  /** Resolves once no webhook is under way. A wait for the next attempt does not count. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a stand-in for a LiveKit server with the key of its development mode, on 127.0.0.1: the server API, the
 * webhooks, and what becomes of rooms. There is no media: participants and agents are played.
 */
export async function startLiveKitStandIn(options: LiveKitStandInOptions = {}): Promise<LiveKitStandIn> {
  const clock = options.clock ?? systemClock;
  const webhooks = createWebhookSender(devKey, clock, options.webhookUrl);
  const rooms = createRooms(clock, webhooks.notify);
  const { registerWorker } = rooms;
  const { join, reconnect } = createClients(rooms, devKey, clock);
  const play = createPlayers(join, registerWorker);
  const server = createServer(async (request, response) => {
    try {
      if (await options.intercept?.(request, response)) return;
      if (!isForThisMachine(request)) return void response.writeHead(400).end();
      const { pathname } = new URL(request.url ?? "", "http://127.0.0.1");
      if (pathname === "/") return void response.end("LiveKit stand-in");
      const [, area, path = ""] = /^\/(twirp\/livekit\.|local-stack\/)(.+)$/.exec(pathname) ?? [];
      const json = await text(request);
      if (area === undefined) return void response.writeHead(404).end();
      if (area === "local-stack/") return await play(path, json, response);
      const { authorization = "" } = request.headers;
      const result = await callServerApi(rooms, devKey, { path, authorization, json });
      response.writeHead(result.status, { "content-type": "application/json" }).end(result.json);
    } catch {
      // The caller disconnected, or its body is not JSON.
      response.destroy();
    }
  });
  const { url, close } = await listen(server, options.port ?? 0);
  return {
    url: url.replace("http", "ws"),
    join,
    registerWorker,
    sendWebhooksTo: webhooks.sendTo,
    restart() {
      webhooks.forget();
      rooms.forget();
      reconnect();
    },
    settled: webhooks.settled,
    async close() {
      webhooks.close();
      await close();
    },
  };
}
