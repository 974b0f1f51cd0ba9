import { ConnectionError, ConnectionErrorReason, type Participant, Room, RoomEvent } from "livekit-client";
import type { Session } from "./start-session.ts";

/** LiveKit's topic for text that people type. */
const CHAT = "lk.chat";

/** What happens in the room. */
export interface RoomEvents {
  onAgent(present: boolean): void;
  onText(text: string): void;
  onEnd(): void;
}

/** A room that the page has joined. */
export interface EnteredRoom {
  hasAgent(): boolean;
  say(text: string): Promise<void>;
  leave(): Promise<void>;
}

/**
 * Enters the session's room. LiveKit creates it and dispatches the agent.
 * @throws with a sentence for the user if LiveKit cannot be reached
 */
export async function enterRoom(session: Session, events: RoomEvents): Promise<EnteredRoom> {
  const room = new Room();
  const onAgent = (present: boolean) => (participant: Participant) => {
    if (participant.isAgent) events.onAgent(present);
  };
  // Before the page joins the room: a text without a handler is lost.
  room.registerTextStreamHandler(CHAT, async (reader) => events.onText(await reader.readAll()));
  await room.connect(session.server_url, session.participant_token).catch((cause: unknown) => {
    throw connectionFailure(cause, session.server_url);
  });
  room.on(RoomEvent.ParticipantConnected, onAgent(true));
  room.on(RoomEvent.ParticipantDisconnected, onAgent(false));
  room.on(RoomEvent.Disconnected, events.onEnd);
  return {
    hasAgent: () => [...room.remoteParticipants.values()].some(({ isAgent }) => isAgent),
    say: async (text) => void (await room.localParticipant.sendText(text, { topic: CHAT })),
    leave: () => room.disconnect(),
  };
}

function connectionFailure(cause: unknown, url: string): Error {
  const isRefused = cause instanceof ConnectionError && cause.reason === ConnectionErrorReason.NotAllowed;
  const sentence = isRefused
    ? `The LiveKit server at ${url} rejected the participant token: LKPS must have the server's API key and secret.`
    : `The LiveKit server at ${url} can't be reached. On your machine, run livekit-server --dev and try again.`;
  return new Error(sentence, { cause });
}
