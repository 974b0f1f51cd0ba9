import { randomUUID } from "node:crypto";
import {
  type CreateRoomRequest,
  DisconnectReason,
  ParticipantInfo_Kind as Kind,
  ParticipantInfo,
  Room,
  RoomAgentDispatch,
  ParticipantInfo_State as State,
  WebhookEvent,
} from "@livekit/protocol";
import { type Calls, createWorkers, type Workers } from "./agents.ts";
import type { Clock } from "./clock.ts";

const EMPTY_TIMEOUT_SECONDS = 300;
const DEPARTURE_TIMEOUT_SECONDS = 20;
/** After this time, LiveKit counts a connection without a sign of life as lost. */
const CONNECTION_TIMEOUT_MS = 20_000;
/** How often LiveKit counts the participants of a room. */
const COUNT_MS = 5_000;

/** Somebody in a room: a client's participant, or an agent. */
export interface Participant {
  readonly info: ParticipantInfo;
  /** Its process has died, and LiveKit may not know yet. */
  isDead: boolean;
  /** Why it is no longer in the room. */
  readonly left: Promise<DisconnectReason>;
  leave(reason?: DisconnectReason): void;
  die(): void;
}

/** A room that exists. */
interface OpenRoom extends Calls {
  readonly info: Room;
  readonly participants: ReadonlyMap<string, Participant>;
  /** @param connects - whether its connection succeeds; if not, it is never active */
  enter(details: Partial<ParticipantInfo> & { identity: string }, connects?: boolean): Participant;
  close(reason: DisconnectReason): void;
}

/** The rooms of a server, by their names. */
export interface Rooms extends ReadonlyMap<string, OpenRoom> {
  /** A room that exists stays as it is, whatever the request says. */
  open(request: { name: string } & Partial<CreateRoomRequest>): OpenRoom;
  /** The server has died: nobody learns how the rooms ended. */
  forget(): void;
  readonly registerWorker: Workers["register"];
}

/** Creates the rooms of a server. */
export function createRooms(clock: Clock, notify: (event: WebhookEvent) => void): Rooms {
  const rooms = new Map<string, OpenRoom & { participants: Map<string, Participant> }>();
  const workers = createWorkers(clock);

  function open({ name, agents = [], ...request }: Parameters<Rooms["open"]>[0]): OpenRoom {
    const existing = rooms.get(name);
    if (existing !== undefined) return existing;
    const createdAt = clock.now();
    let wasJoined = false;
    let lastLeftAt: number | null = null;
    const participants = new Map<string, Participant>();
    const info = new Room({
      sid: `RM_${randomUUID()}`,
      name,
      emptyTimeout: request.emptyTimeout || EMPTY_TIMEOUT_SECONDS,
      departureTimeout: request.departureTimeout || DEPARTURE_TIMEOUT_SECONDS,
      creationTime: toSeconds(createdAt),
      creationTimeMs: BigInt(createdAt),
      turnPassword: randomUUID(),
      metadata: request.metadata ?? "",
    });

    function tell(event: string, participant?: ParticipantInfo): void {
      const about = { room: info.clone(), ...(participant && { participant: participant.clone() }) };
      const createdAt = toSeconds(clock.now());
      notify(new WebhookEvent({ event, id: `EV_${randomUUID()}`, createdAt, ...about }));
    }

    /** Agents do not count, and do not keep a room open. */
    const people = () => [...participants.values()].filter((one) => one.info.kind !== Kind.AGENT).length;

    function changed(): void {
      clock.after(COUNT_MS, () => {
        info.numParticipants = people();
      });
    }

    function closeIfIdle(): void {
      if (rooms.get(name) !== room || people() > 0) return;
      const [since, timeout] =
        wasJoined && lastLeftAt !== null
          ? [lastLeftAt, info.departureTimeout]
          : [createdAt, info.emptyTimeout];
      if (clock.now() >= since + timeout * 1_000) room.close(DisconnectReason.ROOM_CLOSED);
    }

    function enter(details: Parameters<OpenRoom["enter"]>[0], connects = true): Participant {
      const { identity } = details;
      participants.get(identity)?.leave(DisconnectReason.DUPLICATE_IDENTITY);
      const now = clock.now();
      const info = new ParticipantInfo({
        ...details,
        sid: `PA_${randomUUID()}`,
        state: connects ? State.ACTIVE : State.JOINED,
        joinedAt: toSeconds(now),
        joinedAtMs: BigInt(now),
      });
      const left = Promise.withResolvers<DisconnectReason>();
      const participant: Participant = {
        info,
        isDead: false,
        left: left.promise,
        leave(reason = connects ? DisconnectReason.CLIENT_INITIATED : DisconnectReason.SIGNAL_CLOSE) {
          if (participants.get(identity) !== participant) return;
          participants.delete(identity);
          lastLeftAt = clock.now();
          info.state = State.DISCONNECTED;
          info.disconnectReason = reason;
          if (connects) tell("participant_left", info);
          else if (reason !== DisconnectReason.ROOM_DELETED) tell("participant_connection_aborted", info);
          changed();
          clock.after(room.info.departureTimeout * 1_000, closeIfIdle);
          left.resolve(reason);
        },
        die() {
          participant.isDead = true;
          clock.after(CONNECTION_TIMEOUT_MS, () => participant.leave(DisconnectReason.CONNECTION_TIMEOUT));
        },
      };
      participants.set(identity, participant);
      wasJoined ||= info.kind !== Kind.AGENT;
      if (connects) tell("participant_joined", info);
      changed();
      return participant;
    }

    const room: OpenRoom & { participants: typeof participants } = {
      info,
      participants,
      enter,
      close(reason: DisconnectReason) {
        for (const participant of [...participants.values()]) participant.leave(reason);
        rooms.delete(name);
        tell("room_finished");
      },
      ...workers.callsInto(name, (identity) =>
        rooms.get(name) === room ? enter({ identity, kind: Kind.AGENT }) : null,
      ),
    };
    rooms.set(name, room);
    tell("room_started");
    // Without agents, the workers without a name are called.
    for (const agent of agents.length > 0 ? agents : [new RoomAgentDispatch()]) room.call(agent);
    clock.after(info.emptyTimeout * 1_000, closeIfIdle);
    return room;
  }

  return Object.assign(rooms, {
    open,
    forget() {
      for (const { participants } of rooms.values()) participants.clear();
      rooms.clear();
    },
    registerWorker: workers.register,
  });
}

function toSeconds(ms: number): bigint {
  return BigInt(Math.floor(ms / 1_000));
}
