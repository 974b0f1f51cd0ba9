import type { ClientId } from "./client-id.ts";

/** What an agent sets when it registers. */
export interface ServiceConfig {
  readonly enforceClientAuthz: boolean;
  /** The LiveKit deployments that clients may ask for. */
  readonly deployments: readonly string[];
}

/** An agent's registration. */
export interface Registration extends ServiceConfig {
  readonly agent: ClientId;
  readonly registeredAt: Date;
  readonly updatedAt: Date;
}
