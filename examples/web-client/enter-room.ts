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
 * @throws RoomNotEntered if LiveKit cannot be reached
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

/** Thrown if there is a session, but no way into its room. The message says what is missing. */
export class RoomNotEntered extends Error {
  /** Where to read how to get it. */
  readonly page = "https://docs.livekit.io/transport/self-hosting/local/";
}

function connectionFailure(cause: unknown, url: string): RoomNotEntered {
  const isRefused = cause instanceof ConnectionError && cause.reason === ConnectionErrorReason.NotAllowed;
  const sentence = isRefused
    ? `the LiveKit server at ${url} rejected the participant token, because LKPS does not have its API key and secret.`
    : `no LiveKit server answers at ${url}. Install livekit-server, run livekit-server --dev, and start a session again.`;
  return new RoomNotEntered(sentence, { cause });
}
