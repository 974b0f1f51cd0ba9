import { type DisconnectReason, RoomConfiguration } from "@livekit/protocol";
import { AccessToken, TokenVerifier } from "livekit-server-sdk";
import type { Clock } from "./clock.ts";
import type { Participant, Rooms } from "./rooms.ts";
import type { LiveKitKey } from "./webhooks.ts";

/** LiveKit takes tokens up to a minute after they expired. */
const LEEWAY_SECONDS = 60;
/** How often LiveKit renews a participant's token, from its entry on. */
const RENEWAL_MS = 300_000;
/** A renewed token is valid this long, or as long as the first one, if that is longer. */
const RENEWED_SECONDS = 600;
/** How soon clients are back after their server came back. */
const RECONNECT_MS = 2_000;

/** A client that has entered a room. */
interface Client {
  readonly identity: string;
  readonly roomName: string;
  /** Why it is no longer in the room. */
  readonly left: Promise<DisconnectReason>;
  /** The token that LiveKit renewed last: for the same room, with the same configuration. */
  token(): Promise<string>;
  leave(): void;
  /** Its process dies: LiveKit counts it as lost 20 seconds later. */
  die(): void;
}

/** The clients of a server. */
export interface Clients {
  /**
   * Enters the token's room.
   *
   * @param connects - whether its connection succeeds; if not, `leave` gives up
   * @throws if LiveKit would refuse the token: an unknown field in the room configuration is enough
   */
  join(token: string, connects?: boolean): Promise<Client>;
  /** Those who are in a room lose their server, and come back by themselves. */
  reconnect(): void;
}

/** Creates the clients of a server. */
export function createClients(rooms: Rooms, { apiKey, apiSecret }: LiveKitKey, clock: Clock): Clients {
  /** Who is in a room, with what brings them back. */
  const inside = new Map<Participant, () => Promise<void>>();

  async function enter(token: string, connects: boolean) {
    // The time is not the system's.
    const claims = await new TokenVerifier(apiKey, apiSecret).verify(token, Number.MAX_SAFE_INTEGER);
    const { sub: identity, exp = 0, video, roomConfig, name = "", metadata = "", attributes = {} } = claims;
    if (exp + LEEWAY_SECONDS <= clock.now() / 1_000) throw new Error("token is expired");
    if (!video?.roomJoin || !video.room || !identity) throw new Error("permissions denied");
    const { agents, ...configuration } = RoomConfiguration.fromJson({ ...roomConfig } as never);
    const room = rooms.open({ ...configuration, agents, name: video.room });
    const participant = room.enter({ identity, name, metadata, attributes }, connects);
    return { participant, claims, identity, roomName: video.room, at: clock.now() };
  }

  async function join(token: string, connects = true): Promise<Client> {
    const left = Promise.withResolvers<DisconnectReason>();
    let entry = await enter(token, connects);
    const watch = ({ participant }: typeof entry) => {
      inside.set(participant, async () => {
        entry = await enter(await client.token(), connects);
        watch(entry);
      });
      void participant.left.then((reason) => {
        inside.delete(participant);
        left.resolve(reason);
      });
    };
    const client: Client = {
      identity: entry.identity,
      roomName: entry.roomName,
      left: left.promise,
      async token() {
        const {
          sub: identity = "",
          exp = 0,
          video = {},
          roomConfig,
          name,
          metadata,
          attributes,
        } = entry.claims;
        const renewed = new AccessToken(apiKey, apiSecret, { identity });
        renewed.addGrant(video);
        Object.assign(renewed, { roomConfig, name, metadata, attributes });
        const renewedAt = clock.now() - ((clock.now() - entry.at) % RENEWAL_MS);
        // A number is the time at which it expires.
        renewed.ttl = Math.max(exp, Math.floor(renewedAt / 1_000) + RENEWED_SECONDS);
        return await renewed.toJwt();
      },
      leave: () => entry.participant.leave(),
      die: () => entry.participant.die(),
    };
    watch(entry);
    return client;
  }

  return {
    join,
    reconnect() {
      const back = [...inside].flatMap(([{ isDead }, comeBack]) => (isDead ? [] : comeBack));
      inside.clear();
      clock.after(RECONNECT_MS, () => {
        // One whose token is no longer good stays away.
        for (const comeBack of back) void comeBack().catch(() => {});
      });
    },
  };
}
