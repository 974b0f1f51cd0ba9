import { defineAgent } from "@livekit/agents";
import { RoomEvent } from "@livekit/rtc-node";
import { parseDispatchMetadata } from "./dispatch-metadata.ts";

/** LiveKit's topic for text that people type. Its own components use it too. */
const CHAT = "lk.chat";

/** One session, in a process of its own: greets the client, repeats what it says, and leaves when the client leaves. */
export default defineAgent({
  async entry(job) {
    const session = parseDispatchMetadata(job.job.metadata);
    if (session === null) throw new Error("This job is not an LKPS session.");
    const { room } = job;
    const say = (text: string, to: string) =>
      room.localParticipant?.sendText(text, { topic: CHAT, destinationIdentities: [to] });

    // Before the agent joins the room: a text without a handler is lost.
    room.registerTextStreamHandler(CHAT, async (reader, { identity }) => {
      await say(`You said: ${await reader.readAll()}`, identity);
    });
    // LiveKit closes the room too, but 20 seconds later, and until then the agent would keep costing money.
    room.on(RoomEvent.ParticipantDisconnected, () => {
      if (room.remoteParticipants.size === 0) job.shutdown("the client has left");
    });
    await job.connect();
    const client = await job.waitForParticipant();
    await say(`Hello ${session.client_app_id}, this is session ${session.session_id}.`, client.identity);
  },
});
