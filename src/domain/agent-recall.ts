import type { ClientId } from "./client-id.ts";
import { type KnownSession, MIN_APART_MS } from "./known-session.ts";

/** A call of an agent into a room, as LiveKit lists it. */
export interface Dispatch {
  readonly id: string;
  readonly agentName: string;
  readonly metadata: string;
  readonly deployment: string;
  readonly createdAtMs: number;
  readonly jobs: readonly {
    readonly status: "pending" | "running" | "succeeded" | "failed";
    readonly startedAtMs: number;
  }[];
}

const MAX_RECALLS_IN_ROOM = 3;
/** A job that is not older may still bring the agent. */
const MAX_STARTING_MS = 60_000;

/**
 * Whether the agent has to be called into the session's room again, as far as its participants tell: the participant
 * waits, and no agent has come, or its connection was lost. Never for an agent that left.
 *
 * @returns `lost` if the connection was lost; then it does not matter how long the participant waits
 */
export function recallCause({ room, connections, recalls }: KnownSession, nowMs: number) {
  const inRoom = (connections ?? []).filter(({ roomSid }) => roomSid === room?.sid);
  const agents = inRoom.filter(({ isAgent }) => isAgent);
  const clients = inRoom.filter(({ isAgent }) => !isAgent);
  if (!clients.some(({ leftReason }) => leftReason === undefined)) return undefined;
  if (agents.some(({ leftReason }) => leftReason === undefined)) return undefined;
  if (recalls !== undefined) {
    if (nowMs - recalls.lastAtMs < MIN_APART_MS) return undefined;
    if (recalls.roomSid === room?.sid && recalls.inRoom >= MAX_RECALLS_IN_ROOM) return undefined;
  }
  const reason = agents.at(-1)?.leftReason;
  if (reason === "CONNECTION_TIMEOUT") return "lost" as const;
  const waitsSinceMs = clients[0]?.joinedAtMs ?? nowMs;
  return reason === undefined && nowMs - waitsSinceMs >= MIN_APART_MS ? ("missing" as const) : undefined;
}

/**
 * The dispatch to repeat: the room's first one, if LiveKit still lists it. `undefined` if a job may still bring the agent, or
 * if one has ended as it should.
 */
export function dispatchToRepeat(
  { room, recalls }: KnownSession,
  agent: ClientId,
  cause: "lost" | "missing",
  dispatches: readonly Dispatch[],
  nowMs: number,
): Dispatch | undefined {
  const ofAgent = dispatches.filter(({ agentName }) => agentName === agent);
  const isStarting = ofAgent.some(({ jobs }) =>
    jobs.some(
      ({ status, startedAtMs }) =>
        status === "succeeded" || (status !== "failed" && nowMs - startedAtMs < MAX_STARTING_MS),
    ),
  );
  if (cause === "missing" && isStarting) return undefined;
  if (recalls !== undefined && recalls.roomSid === room?.sid)
    return ofAgent.find(({ id }) => id === recalls.dispatchId);
  return ofAgent.toSorted((a, b) => a.createdAtMs - b.createdAtMs)[0];
}

/** Counts a call before it is made, so that no other instance makes it too. Pure. */
export function claimRecall(known: KnownSession, dispatchId: string, nowMs: number): KnownSession {
  const { room, recalls } = known;
  if (room === undefined) return known;
  const inRoom = recalls?.roomSid === room.sid ? recalls.inRoom + 1 : 1;
  return {
    ...known,
    recalls: { total: recalls?.total ?? 0, roomSid: room.sid, inRoom, lastAtMs: nowMs, dispatchId },
  };
}
