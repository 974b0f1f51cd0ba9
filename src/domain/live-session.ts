import {
  type Connection,
  type KnownSession,
  MIN_APART_MS,
  type RoomEvent,
  type RoomReading,
  type SeenParticipant,
  type SeenRoom,
} from "./known-session.ts";
import type { SessionRecord } from "./session.ts";

/** Of agents, and of the participant: it may come back often while its agent stays. */
const MAX_CONNECTIONS = 16;
/** LiveKit's lists lag behind by some seconds. */
const LIST_LAG_MS = 5_000;

/** Adds what a webhook says. The order of events does not matter, nor how often each comes. Pure. */
export function applyEvent(known: KnownSession, event: RoomEvent, record: SessionRecord): KnownSession {
  let next = withRoom(known, event.room, event.kind === "finished" ? event.atMs : undefined);
  const isNewest = next.room?.sid === event.room.sid;
  if (isNewest && event.kind === "finished" && next.closing?.confirmedAtMs === null) {
    const confirmedAtMs = Math.max(event.atMs, next.joinedAtMs ?? 0);
    next = { ...next, closing: { ...next.closing, confirmedAtMs } };
  }
  // It existed after the list did not have it.
  if (isNewest && next.missing !== undefined && event.atMs > next.missing.sinceMs) next = found(next);
  const { participant } = event;
  return participant === undefined ? next : withParticipant(next, participant, event.room.sid, record);
}

/** Adds what LiveKit answered. Pure. */
export function applyReading(known: KnownSession, reading: RoomReading, record: SessionRecord): KnownSession {
  const { askedAtMs, room, participants } = reading;
  if (room === undefined) return withoutRoom(known, askedAtMs);
  let next = withRoom(known, room);
  if (next.room?.sid !== room.sid) return next;
  next = found(next);
  if (participants === undefined) return next;
  const there = new Set(participants.map(({ sid }) => sid));
  // One whose leaving nobody reported is back if it is listed again.
  const connections = next.connections?.filter(({ sid, leftReason }) => leftReason !== "" || !there.has(sid));
  if (connections !== undefined) next = { ...next, connections };
  for (const connection of connections ?? []) {
    const { sid, roomSid, joinedAtMs } = connection;
    const isGone = roomSid === room.sid && !there.has(sid) && joinedAtMs <= askedAtMs - LIST_LAG_MS;
    if (isGone) next = withConnection(next, { ...connection, leftReason: "" });
  }
  for (const participant of participants) next = withParticipant(next, participant, room.sid, record);
  return next;
}

function withRoom(known: KnownSession, seen: SeenRoom, finishedAtMs?: number): KnownSession {
  const { room } = known;
  if (room !== undefined && room.sid !== seen.sid) {
    const isNewer =
      seen.createdAtMs > room.createdAtMs || (seen.createdAtMs === room.createdAtMs && seen.sid > room.sid);
    if (!isNewer) return known;
  }
  const same = room?.sid === seen.sid ? room : undefined;
  const finished = same?.finishedAtMs ?? finishedAtMs;
  const { sid } = seen;
  const createdAtMs = Math.min(seen.createdAtMs, same?.createdAtMs ?? seen.createdAtMs);
  const next = same === undefined ? found(known) : known;
  return { ...next, room: { sid, createdAtMs, ...(finished !== undefined && { finishedAtMs: finished }) } };
}

function withoutRoom(known: KnownSession, askedAtMs: number): KnownSession {
  const { room, missing } = known;
  if (room === undefined || room.finishedAtMs !== undefined) return known;
  if (room.createdAtMs > askedAtMs - LIST_LAG_MS || missing?.isConfirmed) return known;
  const sinceMs = Math.min(missing?.sinceMs ?? askedAtMs, askedAtMs);
  const isConfirmed = missing !== undefined && Math.abs(askedAtMs - missing.sinceMs) >= MIN_APART_MS;
  return { ...known, missing: { sinceMs, isConfirmed } };
}

function found({ missing: _, ...known }: KnownSession): KnownSession {
  return known;
}

function withParticipant(
  known: KnownSession,
  { sid, identity, isAgent, joinedAtMs, leftReason }: SeenParticipant & { readonly leftReason?: string },
  roomSid: string,
  record: SessionRecord,
): KnownSession {
  if (!isAgent && identity !== record.participantIdentity) return known;
  const left = leftReason === undefined ? {} : { leftReason };
  const next = withConnection(known, { sid, roomSid, isAgent, joinedAtMs, ...left });
  const earliest = (before: number | undefined) => Math.min(before ?? joinedAtMs, joinedAtMs);
  // Who enters the room of a session that LKPS ended has not joined it.
  const isOver = joinedAtMs > (known.closing?.confirmedAtMs ?? Infinity);
  if (isAgent) return isOver ? next : { ...next, agentJoinedAtMs: earliest(next.agentJoinedAtMs) };
  const lastEntryAtMs = Math.max(next.lastEntryAtMs ?? joinedAtMs, joinedAtMs);
  return { ...next, lastEntryAtMs, ...(!isOver && { joinedAtMs: earliest(next.joinedAtMs) }) };
}

/** Of one connection, that it left wins, and LiveKit's reason wins over an unknown one. */
function withConnection(known: KnownSession, seen: Connection): KnownSession {
  const others = (known.connections ?? []).filter(({ sid }) => sid !== seen.sid);
  const before = known.connections?.find(({ sid }) => sid === seen.sid);
  const leftReason = before?.leftReason || (seen.leftReason ?? before?.leftReason);
  const connection = { ...seen, ...(leftReason !== undefined && { leftReason }) };
  const connections = [...others, connection].sort(
    (a, b) => a.joinedAtMs - b.joinedAtMs || (a.sid < b.sid ? -1 : 1),
  );
  const oldest = connections.filter(({ isAgent }) => isAgent === seen.isAgent).slice(0, -MAX_CONNECTIONS);
  return { ...known, connections: connections.filter((each) => !oldest.includes(each)) };
}
