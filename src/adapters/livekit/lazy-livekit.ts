import type { LiveKitRooms, WebhookReceiver } from "../../domain/livekit-rooms.ts";
import { lazy } from "../lib/lazy.ts";
import type { LiveKitApiSettings } from "./livekit-rooms.ts";

/** Creates LiveKit's API and the receiver of its webhooks; loads the SDK for the first use. */
export function createLazyLiveKit(settings: LiveKitApiSettings): {
  readonly rooms: LiveKitRooms;
  readonly webhooks: WebhookReceiver;
} {
  const load = lazy(async () => {
    const [{ createLiveKitRooms }, { createWebhookReceiver }] = await Promise.all([
      import("./livekit-rooms.ts"),
      import("./webhook-receiver.ts"),
    ]);
    return { rooms: createLiveKitRooms(settings), webhooks: createWebhookReceiver(settings) };
  });
  const rooms = async () => (await load()).rooms;
  return {
    rooms: {
      list: async (names) => (await rooms()).list(names),
      participants: async (roomName) => (await rooms()).participants(roomName),
      close: async (roomName, seconds) => (await rooms()).close(roomName, seconds),
      dispatches: async (roomName) => (await rooms()).dispatches(roomName),
      dispatch: async (roomName, dispatch) => (await rooms()).dispatch(roomName, dispatch),
    },
    webhooks: {
      receive: async (body, authorization) => (await load()).webhooks.receive(body, authorization),
    },
  };
}
