import {
  type AgentDispatch,
  AgentDispatchClient,
  RoomAgentDispatch,
  RoomServiceClient,
  ServerError,
} from "livekit-server-sdk";
import type { Dispatch } from "../../domain/agent-recall.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { LiveKitRooms } from "../../domain/livekit-rooms.ts";
import { withTimeout } from "../lib/timeout.ts";
import { createdAtMsOf, isInRoom, toParticipant } from "./seen-in-livekit.ts";

/** Where LiveKit's server API responds, and the key for it. */
export interface LiveKitApiSettings {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** The time limit of one call, including what the SDK reads of the response. */
const TIMEOUT_MS = 5_000;
/** The time limit of an ending. */
const MAX_CLOSING_MS = 10_000;
const MAX_CLOSING_TRIES = 5;
/** No agent has this name. A room without any agent's name would call every worker that has no name. */
const NOBODY = "lkps-ended";
/** Rooms that LiveKit makes at a join have a shorter one, by default 300 s. */
const MIN_CLOSED_SECONDS = 720;

/** By LiveKit's `JobStatus`. */
const statuses = ["pending", "running", "succeeded", "failed"] as const;

/**
 * Creates {@link LiveKitRooms} for a LiveKit server.
 *
 * @see https://docs.livekit.io/reference/server/server-apis/
 */
export function createLiveKitRooms({ apiUrl, apiKey, apiSecret }: LiveKitApiSettings): LiveKitRooms {
  // The SDK writes there what it cannot parse of a response, and the host logs it. Nothing else in the app uses it.
  console.debug = () => undefined;
  // Without failover: a call must end in time, and the server must not name other hosts that get the key's tokens.
  const options = { requestTimeout: TIMEOUT_MS / 1_000, failover: false };
  const rooms = new RoomServiceClient(apiUrl, apiKey, apiSecret, options);
  const agents = new AgentDispatchClient(apiUrl, apiKey, apiSecret, options);
  return {
    list: async (names) => {
      const listed = await call(() => rooms.listRooms([...names]));
      return new Map(
        listed.map((room) => [
          room.name,
          { sid: room.sid, createdAtMs: createdAtMsOf(room), participants: room.numParticipants },
        ]),
      );
    },
    participants: async (roomName) => {
      const listed = await call(() => rooms.listParticipants(roomName), { ifNotFound: [] });
      return listed.filter(isInRoom).flatMap((each) => toParticipant(each) ?? []);
    },
    close: async (name, seconds) => {
      const until = performance.now() + MAX_CLOSING_MS;
      const timeouts = { emptyTimeout: seconds, departureTimeout: seconds };
      const closed = { name, ...timeouts, agents: [new RoomAgentDispatch({ agentName: NOBODY })] };
      for (let tries = 0; tries < MAX_CLOSING_TRIES; tries++) {
        await call(() => rooms.deleteRoom(name), { until, ifNotFound: undefined });
        const created = await call(() => rooms.createRoom(closed), { until }).catch(() => undefined);
        if (created === undefined) return false;
        // Otherwise, somebody entered in between, and made a room that calls the agent.
        if (created.emptyTimeout >= MIN_CLOSED_SECONDS) return true;
      }
      return false;
    },
    dispatches: async (roomName) =>
      (await call(() => agents.listDispatch(roomName), { ifNotFound: [] })).map(toDispatch),
    dispatch: async (roomName, { agentName, metadata, deployment }) => {
      const more = { metadata, ...(deployment !== "" && { deployment }) };
      await call(() => agents.createDispatch(roomName, agentName, more));
    },
  };
}

function toDispatch({ id, agentName, metadata, deployment, state }: AgentDispatch): Dispatch {
  const createdAtMs = fromNanoseconds(state?.createdAt);
  const jobs = (state?.jobs ?? []).map(({ state: job }) => ({
    status: statuses[job?.status ?? 0] ?? ("failed" as const),
    startedAtMs: fromNanoseconds(job?.startedAt || job?.updatedAt) || createdAtMs,
  }));
  return { id, agentName, metadata, deployment, createdAtMs, jobs };
}

function fromNanoseconds(time: bigint | undefined): number {
  return Number((time ?? 0n) / 1_000_000n);
}

/** Options of a call. */
interface CallOptions<T> {
  /** When it must end, on the clock of `performance.now()`, if that is earlier than its own time limit. */
  readonly until?: number;
  /** The result if LiveKit says that there is no such room. Any other 404 says nothing. */
  readonly ifNotFound?: T;
}

async function call<T>(operation: () => Promise<T>, options: CallOptions<T> = {}): Promise<T> {
  try {
    const remainingMs = (options.until ?? Number.POSITIVE_INFINITY) - performance.now();
    return await withTimeout(Math.max(1, Math.min(TIMEOUT_MS, remainingMs)), operation, TIMEOUT_MS);
  } catch (error) {
    const isResponse = error instanceof ServerError;
    if (isResponse && error.status === 404 && error.code === "not_found" && "ifNotFound" in options)
      return options.ifNotFound as T;
    const cause = isResponse ? new Error(responseText(error)) : withoutResponse(error);
    throw new DependencyError("livekit_unavailable", "LiveKit's API cannot be used", { cause });
  }
}

// Messages may repeat what LiveKit or a proxy wrote, which must not be logged.
function responseText({ status, code = "" }: ServerError): string {
  return `LiveKit returned ${status} ${/^[a-z_]{1,50}$/.test(code) ? code : ""}`.trimEnd();
}

function withoutResponse(error: unknown): unknown {
  const isTransport =
    error instanceof Error && /^(fetch failed|No response within \d+ ms)$/.test(error.message);
  return isTransport ? error : new Error("LiveKit returned an unreadable response, or none in time");
}
