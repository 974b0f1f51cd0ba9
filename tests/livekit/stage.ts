import type { AgentDispatchClient, RoomServiceClient } from "livekit-server-sdk";
import type { RoomInbox } from "./webhook-inbox.ts";

/** A participant's client. */
interface PlayedClient {
  /** The last token that LiveKit gave it. */
  token(): Promise<string>;
  leave(): unknown;
  /** Kills its process. */
  die(): unknown;
}

/** An agent's worker. Its agents stay in their rooms. */
interface PlayedWorker {
  /** Kills its process, and its agents'. */
  die(): unknown;
}

/** Where a case is played: a LiveKit server or the stand-in, who plays in it, and one room. */
export interface Stage {
  readonly room: string;
  readonly url: string;
  readonly rooms: RoomServiceClient;
  readonly dispatches: AgentDispatchClient;
  /** The webhooks of the room. */
  readonly inbox: RoomInbox;
  /** @throws if LiveKit refuses the token */
  join(token: string): Promise<PlayedClient>;
  /** Signals that it wants to join, and gives up before it is connected. */
  giveUp(token: string): Promise<void>;
  /** Registers a worker, and waits until LiveKit knows it. */
  worker(agentName: string, options?: { deployment?: string }): Promise<PlayedWorker>;
  wait(seconds: number): Promise<void>;
  /** Kills the server and starts it again. */
  restart(): Promise<void>;
}
