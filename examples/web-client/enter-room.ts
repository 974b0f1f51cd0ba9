import { type Participant, Room, RoomEvent } from "livekit-client";
import type { Session } from "./start-session.ts";

/** LiveKit's topic for what people type. */
const CHAT = "lk.chat";

/** What happens in the room. */
export interface RoomEvents {
  onAgent(present: boolean): void;
  onText(text: string): void;
  onEnd(): void;
}

/** A room that the page is in. */
export interface EnteredRoom {
  say(text: string): Promise<void>;
  leave(): Promise<void>;
}

/**
 * Enters the session's room; LiveKit makes it and calls the agent.
 * @throws where LiveKit cannot be reached
 */
export async function enterRoom(session: Session, events: RoomEvents): Promise<EnteredRoom> {
  const room = new Room();
  const onAgent = (present: boolean) => (participant: Participant) => {
    if (participant.isAgent) events.onAgent(present);
  };
  room.on(RoomEvent.ParticipantConnected, onAgent(true));
  room.on(RoomEvent.ParticipantDisconnected, onAgent(false));
  // Before the page is in the room: a text that nobody handles is lost.
  room.registerTextStreamHandler(CHAT, async (reader) => events.onText(await reader.readAll()));
  await room.connect(session.server_url, session.participant_token);
  room.on(RoomEvent.Disconnected, events.onEnd);
  for (const participant of room.remoteParticipants.values()) onAgent(true)(participant);
  return {
    say: async (text) => void (await room.localParticipant.sendText(text, { topic: CHAT })),
    leave: () => room.disconnect(),
  };
}
