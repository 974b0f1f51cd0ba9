import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { DisconnectReason, ParticipantInfo_Kind } from "@livekit/protocol";
import { type WebhookEvent, WebhookReceiver } from "livekit-server-sdk";
import { type Listening, listen } from "../../dev/listen.ts";
import { devKey } from "../../dev/livekit-server.ts";

/** The webhooks of one room. */
export interface RoomInbox {
  /** The events that were taken, without those of tracks. */
  readonly taken: WebhookEvent[];
  /** The headers of each request. */
  readonly requests: Readonly<Record<string, unknown>>[];
}

/** A receiver of webhooks, with LiveKit's own verification. */
export interface WebhookInbox extends Pick<Listening, "url" | "close"> {
  of(room: string): RoomInbox;
}

/** Starts one on 127.0.0.1. */
export async function startWebhookInbox(): Promise<WebhookInbox> {
  const receiver = new WebhookReceiver(devKey.apiKey, devKey.apiSecret);
  const inboxes = new Map<string, RoomInbox>();
  const of = (room: string) => {
    const inbox = inboxes.get(room) ?? { taken: [], requests: [] };
    inboxes.set(room, inbox);
    return inbox;
  };
  const server = createServer(async (request, response) => {
    const event = await receiver
      .receive(await text(request), request.headers.authorization)
      .catch(() => null);
    if (event?.room === undefined) return void response.writeHead(401).end();
    const inbox = of(event.room.name);
    if (!event.event.startsWith("track_")) {
      inbox.requests.push(request.headers);
      inbox.taken.push(event);
    }
    response.end();
  });
  return { ...(await listen(server, 0)), of };
}

/** An event in a few words: its name, who it is about, and why they left. */
export function inWords({ event, participant }: WebhookEvent): string {
  if (participant === undefined) return event;
  const who = participant.kind === ParticipantInfo_Kind.AGENT ? "agent" : participant.identity;
  const why = participant.disconnectReason;
  return [event, who, ...(why === 0 ? [] : [DisconnectReason[why]])].join(" ");
}

/** The events that were taken, in words. What may come in any order, such as the end of several participants, is sorted. */
export function eventsOf({ taken }: RoomInbox): string[] {
  const nameOf = (words = "") => words.split(" ", 1)[0];
  const runs: string[][] = [];
  for (const words of taken.map(inWords)) {
    const run = runs.at(-1);
    if (run !== undefined && nameOf(run[0]) === nameOf(words)) run.push(words);
    else runs.push([words]);
  }
  return runs.flatMap((run) => run.sort().reverse());
}
