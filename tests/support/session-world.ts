// A LiveKit room and its participants, of which LKPS learns by events that may be lost, repeated or late, and by asking.

import type { RoomEvent, RoomReading, SeenParticipant, SeenRoom } from "../../src/domain/known-session.ts";

export const T0 = Date.parse("2026-11-24T09:00:00.000Z");
export const CLIENT_IDENTITY = "c11e4700-0000-4000-8000-000000000001-9c3e5a7b1d20f846";

/** An ending that LiveKit has not confirmed. */
export const CLOSING = {
  reason: "ended_by_owner",
  alreadyEndedAtMs: null,
  confirmedAtMs: null,
  isClosed: false,
} as const;

/** What can happen at LiveKit. */
export type Happening =
  | "client comes"
  | "agent comes"
  | "client goes"
  | "agent goes"
  | "room closes"
  | "server dies";

/** One session's room at LiveKit. The newest is the last of `rooms`. */
export class SessionWorld {
  nowMs = T0;
  room: SeenRoom | undefined;
  readonly present = new Map<string, SeenParticipant>();
  /** Every event, in order. */
  readonly events: RoomEvent[] = [];
  #count = 0;

  /** Lets something happen; nothing if it can't. */
  happen(what: Happening): void {
    this.nowMs += 500;
    if (what === "client comes") this.#enter(CLIENT_IDENTITY, false);
    else if (what === "agent comes" && this.room !== undefined) this.#enter(`agent-${++this.#count}`, true);
    else if (what === "client goes") this.#leave(false);
    else if (what === "agent goes") this.#leave(true);
    else if (what === "room closes") this.deleteRoom();
    else if (what === "server dies") {
      this.room = undefined;
      this.present.clear();
    }
  }

  /** What LiveKit answers when it is asked now. */
  read(): RoomReading {
    const { room, nowMs } = this;
    return { askedAtMs: nowMs, room, ...(room && { participants: [...this.present.values()] }) };
  }

  /** Deletes the room; its events come as LiveKit sends them. */
  deleteRoom(): void {
    if (this.room === undefined) return;
    for (const each of [...this.present.values()]) this.#leaves(each, "ROOM_DELETED");
    this.#emit("finished", this.room);
    this.room = undefined;
  }

  isThere(isAgent: boolean): boolean {
    return [...this.present.values()].some((each) => each.isAgent === isAgent);
  }

  #enter(identity: string, isAgent: boolean): void {
    if (this.room === undefined) {
      this.room = { sid: `RM_${++this.#count}`, createdAtMs: this.nowMs };
      this.#emit("seen", this.room);
    }
    for (const each of [...this.present.values()]) {
      if (each.identity === identity) this.#leaves(each, "DUPLICATE_IDENTITY");
    }
    const participant = { sid: `PA_${++this.#count}`, identity, isAgent, joinedAtMs: this.nowMs };
    this.present.set(participant.sid, participant);
    this.#emit("joined", this.room, participant);
  }

  #leave(isAgent: boolean): void {
    for (const each of [...this.present.values()]) {
      if (each.isAgent === isAgent) this.#leaves(each, "CLIENT_INITIATED");
    }
  }

  #leaves(participant: SeenParticipant, leftReason: string): void {
    this.present.delete(participant.sid);
    if (this.room !== undefined) this.#emit("left", this.room, { ...participant, leftReason });
  }

  #emit(kind: RoomEvent["kind"], room: SeenRoom, participant?: RoomEvent["participant"]): void {
    this.events.push({ kind, atMs: this.nowMs, room, ...(participant && { participant }) });
  }
}
