import type { AgentDispatchClient, RoomServiceClient } from "livekit-server-sdk";
import type { WebhookInbox } from "./webhook-inbox.ts";

/** A participant's client. */
export interface PlayedClient {
  readonly identity: string;
  /** The last token that LiveKit gave it. */
  token(): Promise<string>;
  leave(): unknown;
  /** Kills its process. */
  die(): unknown;
}

/** An agent's worker. Its agent stays in a room until it is told to leave. */
export interface PlayedWorker {
  /** Ends in good order; its agents leave their rooms. */
  leave(): unknown;
  /** Kills its process. */
  die(): unknown;
  /** From now on it takes no calls. */
  getBusy(): unknown;
}

/** Where a case is played: a LiveKit server or the stand-in, who plays in it, and one room. */
export interface Stage {
  readonly room: string;
  readonly url: string;
  readonly rooms: RoomServiceClient;
  readonly dispatches: AgentDispatchClient;
  /** @throws if LiveKit refuses the token */
  join(token: string): Promise<PlayedClient>;
  /** Signals that it wants to join, and gives up before it is connected. */
  giveUp(token: string): Promise<void>;
  /** Registers a worker, and waits until LiveKit knows it. */
  worker(agentName: string, deployment?: string): Promise<PlayedWorker>;
  wait(seconds: number): Promise<void>;
  /** The webhooks of the room. */
  readonly inbox: WebhookInbox;
  /** Kills the server and starts it again. */
  restart(): Promise<void>;
}
