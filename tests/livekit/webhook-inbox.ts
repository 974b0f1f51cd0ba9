import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { DisconnectReason, ParticipantInfo_Kind } from "@livekit/protocol";
import { type WebhookEvent, WebhookReceiver } from "livekit-server-sdk";
import { listen } from "../../dev/listen.ts";
import { devKey } from "../../dev/livekit-server.ts";

/** A receiver of webhooks, with LiveKit's own verification. */
export interface WebhookInbox {
  readonly url: string;
  /** What it answers from now on. */
  status: number;
  /** The events that were taken, without those of tracks. */
  readonly taken: WebhookEvent[];
  /** Each request, whatever was answered. */
  readonly requests: { readonly headers: Record<string, unknown>; readonly body: string }[];
  close(): Promise<void>;
}

/** Starts one on 127.0.0.1. */
export async function startWebhookInbox(): Promise<WebhookInbox> {
  const receiver = new WebhookReceiver(devKey.apiKey, devKey.apiSecret);
  const inbox = { status: 200, taken: [] as WebhookEvent[], requests: [] as WebhookInbox["requests"] };
  const server = createServer(async (request, response) => {
    const body = await text(request);
    inbox.requests.push({ headers: request.headers, body });
    const event = await receiver.receive(body, request.headers.authorization).catch(() => null);
    const status = event === null ? 401 : inbox.status;
    if (status === 200 && event !== null && !event.event.startsWith("track_")) inbox.taken.push(event);
    response.writeHead(status).end();
  });
  const { url, close } = await listen(server, 0);
  return Object.assign(inbox, { url: `${url}/webhook`, close });
}

/** An event in a few words: its name, who it is about, and why they left. */
export function inWords({ event, participant }: WebhookEvent): string {
  if (participant === undefined) return event;
  const who = participant.kind === ParticipantInfo_Kind.AGENT ? "agent" : participant.identity;
  const why = participant.disconnectReason;
  return [event, who, ...(why === 0 ? [] : [DisconnectReason[why]])].join(" ");
}

/** The events that were taken, in words. What may come in any order, such as the end of several participants, is sorted. */
export function eventsOf({ taken }: WebhookInbox): string[] {
  const nameOf = (words: string) => words.split(" ", 1)[0];
  const runs: string[][] = [];
  for (const words of taken.map(inWords)) {
    const run = runs.at(-1);
    if (run !== undefined && nameOf(run[0] ?? "") === nameOf(words)) run.push(words);
    else runs.push([words]);
  }
  return runs.flatMap((run) => run.sort().reverse());
}
