import type { Dispatch } from "./agent-recall.ts";
import type { RoomEvent, SeenParticipant, SeenRoom } from "./known-session.ts";

/** A room in LiveKit's list. */
export interface ListedRoom extends SeenRoom {
  /** Lags behind, and leaves agents out. */
  readonly participants: number;
}

/** LiveKit's server API. Rejects with `DependencyError` `livekit_unavailable`. Each call ends within 5 s. */
export interface LiveKitRooms {
  /** Lists those of the named rooms that exist, by name. */
  list(names: readonly string[]): Promise<ReadonlyMap<string, ListedRoom>>;
  /** Lists who is in a room; nobody if it does not exist. */
  participants(roomName: string): Promise<readonly SeenParticipant[]>;
  /**
   * Deletes a room, if it exists, and creates it again, closed: it calls no agent for whoever enters, and stays for `seconds`
   * without participants. Ends within 10 s.
   *
   * @returns false if the room was deleted, but could not be created again
   */
  close(roomName: string, seconds: number): Promise<boolean>;
  /** Lists the calls of agents into a room. */
  dispatches(roomName: string): Promise<readonly Dispatch[]>;
  /** Calls an agent into a room. */
  dispatch(
    roomName: string,
    dispatch: Pick<Dispatch, "agentName" | "metadata" | "deployment">,
  ): Promise<void>;
}

/** Verifies LiveKit's webhooks. */
export interface WebhookReceiver {
  /**
   * Returns what a webhook says of a room; `null` if it says nothing that LKPS needs; `undefined` if it is not signed by
   * LiveKit.
   *
   * @param authorization - the token, as LiveKit sends it
   */
  receive(
    body: string,
    authorization: string,
  ): Promise<(RoomEvent & { readonly roomName: string }) | null | undefined>;
}
