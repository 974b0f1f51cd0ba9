import { WebhookReceiver as LiveKitReceiver, type WebhookEvent } from "livekit-server-sdk";
import type { RoomEvent } from "../../domain/known-session.ts";
import type { WebhookReceiver } from "../../domain/livekit-rooms.ts";
import type { LiveKitSettings } from "./participant-token-issuer.ts";
import { createdAtMsOf, isTime, leftReasonOf, toParticipant } from "./seen-in-livekit.ts";

/** What each of LiveKit's events says of its room. LKPS ignores all others. */
const kinds: Readonly<Record<string, RoomEvent["kind"]>> = {
  room_started: "seen",
  room_finished: "finished",
  participant_joined: "joined",
  participant_left: "left",
};

/**
 * Creates a {@link WebhookReceiver} for the webhooks that are signed with LKPS's API key.
 *
 * @see https://docs.livekit.io/home/server/webhooks/
 */
export function createWebhookReceiver({ apiKey, apiSecret }: LiveKitSettings): WebhookReceiver {
  const receiver = new LiveKitReceiver(apiKey, apiSecret);
  return {
    receive: async (body, authorization) => {
      // The reason is of no use to callers, and may hold what the body says.
      const event = await receiver.receive(body, authorization).catch(() => undefined);
      return event === undefined ? undefined : toRoomEvent(event);
    },
  };
}

function toRoomEvent({ event, createdAt, room, participant }: WebhookEvent) {
  const kind = kinds[event];
  if (kind === undefined || room === undefined || room.sid === "") return null;
  const seen = {
    kind,
    roomName: room.name,
    atMs: Number(createdAt) * 1_000,
    room: { sid: room.sid, createdAtMs: createdAtMsOf(room) },
  };
  if (!isTime(seen.atMs) || !isTime(seen.room.createdAtMs)) return null;
  if (kind === "seen" || kind === "finished") return seen;
  const details = participant && toParticipant(participant);
  if (!participant || !details?.sid) return null;
  const left = kind === "left" ? { leftReason: leftReasonOf(participant) } : {};
  return { ...seen, participant: { ...details, ...left } };
}
