import type { ClientId } from "./client-id.ts";

/** An agent's registration. */
export interface Registration {
  readonly agent: ClientId;
  readonly enforceClientAuthz: boolean;
  readonly registeredAt: Date;
  readonly updatedAt: Date;
}
