import { isObject } from "./application.ts";
import type { ClientId } from "./client-id.ts";

/** The owner's limits by their names in the registration, and the greatest value of each. The least is 1. */
export const MAX_LIMITS = {
  /** How long a session may last, counted from when its participant first joined. */
  max_session_minutes: 1_440,
  max_live_sessions: 10_000,
  max_live_sessions_per_client: 10_000,
} as const;

/** The limits that an agent's owner has set. */
export type SessionLimits = { readonly [Name in keyof typeof MAX_LIMITS]?: number | undefined };

/** The valid limits of an untrusted value, in the order of {@link MAX_LIMITS}. Never throws. */
export function limitsIn(value: unknown): SessionLimits {
  const valid = Object.entries(MAX_LIMITS).flatMap(([name, maxValue]) => {
    const limit = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    return typeof limit === "number" && Number.isInteger(limit) && limit >= 1 && limit <= maxValue
      ? [[name, limit]]
      : [];
  });
  return Object.fromEntries(valid);
}

/** What an agent sets when it registers. */
export interface ServiceConfig {
  readonly enforceClientAuthz: boolean;
  readonly limits: SessionLimits;
  /** The LiveKit deployments that clients may ask for. */
  readonly deployments: readonly string[];
}

/** An agent's registration. */
export interface Registration extends ServiceConfig {
  readonly agent: ClientId;
  readonly registeredAt: Date;
  readonly updatedAt: Date;
}

/**
 * Stores registrations. Every method rejects with `DependencyError` `storage_unavailable`.
 *
 * Changes apply in the order in which they were requested: once a change is acknowledged, an earlier one never overwrites
 * it, even if storage executes it late. Of concurrent changes the last one stays, and all of them succeed. If it is unknown
 * whether another instance's change came first, a change that could undo it is rejected and has no effect.
 */
export interface RegistrationStore {
  /** @param limitMs - the longest wait, if that is less than the time limit of one operation */
  find(agent: ClientId, limitMs?: number): Promise<Registration | undefined>;
  /**
   * Creates or replaces a registration. `registeredAt` of the first registration is kept.
   *
   * @param now - when the change was requested
   */
  put(
    agent: ClientId,
    serviceConfig: ServiceConfig,
    now: Date,
  ): Promise<{ readonly registration: Registration; readonly created: boolean }>;
  /** Lists registrations in the order of their ids, starting after `after`. */
  list(after: ClientId | undefined, limit: number): Promise<readonly Registration[]>;
  /**
   * Removes a registration; succeeds if there is none. Always leaves a tombstone, so that a delayed earlier write can't
   * bring the registration back.
   *
   * @param now - when the change was requested
   */
  remove(agent: ClientId, now: Date): Promise<void>;
  /** Deletes tombstones older than `before`, as long as `shouldContinue` returns true. */
  removeTombstonesBefore(before: Date, shouldContinue: () => boolean): Promise<void>;
}
