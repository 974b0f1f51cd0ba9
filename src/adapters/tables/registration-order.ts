import type { Registration, ServiceConfig } from "../../domain/registration.ts";

/** Within this time, the clocks of two instances do not tell which of two changes came first. */
const INDISTINGUISHABLE_MS = 2_000;

/** A request to register an agent, or to remove its registration if `serviceConfig` is undefined. */
export interface RequestedChange {
  /** The instance's own id, and a number of fixed length that grows with each change that arrives there. */
  readonly id: string;
  /** By the clock of that instance. */
  readonly requestedAtMs: number;
  readonly serviceConfig: ServiceConfig | undefined;
}

/** Changes of other instances. */
interface Rivals {
  readonly latestMs: number;
  readonly strictness: number;
}

/** The values of an agent's row. */
export interface RowValues {
  /** `undefined` for a tombstone. */
  readonly registration: Omit<Registration, "agent" | "updatedAt"> | undefined;
  /** When the change whose values these are was requested, and its id; the id is `""` if unknown. */
  readonly updatedAtMs: number;
  readonly writtenBy: string;
  /**
   * Set if it is unknown whether changes of other instances were requested before or after this one, which won: the
   * latest time of these, and how strict they were at most.
   */
  readonly rivals: Rivals | undefined;
  /** The id of the change that created the registration; `""` if unknown. */
  readonly createdBy: string;
}

/** What to do with a change. */
export type Placement =
  | { readonly action: "write"; readonly row: RowValues }
  /** Nothing: the row was requested later. */
  | { readonly action: "overtaken"; readonly by: RowValues }
  /** Fail and change nothing: it is unknown whether the change or the row was requested later. */
  | { readonly action: "refuse" };

/**
 * Places a change before or after the stored row. Changes of one instance are in the order of their arrival. Changes
 * of two instances are in the order of their times, unless these are too close. In that case a looser change does not
 * replace a stricter one, and a stricter one that seems to be earlier is not dropped: either could undo what was
 * acknowledged. Of equally strict ones, the later one wins, and the row remembers that it stands for both.
 *
 * @param instance - the id of the instance that the change arrived at
 * @param nowMs - that instance's clock
 */
export function placeChange(
  change: RequestedChange,
  stored: RowValues | undefined,
  instance: string,
  nowMs: number,
): Placement {
  const { id, requestedAtMs, serviceConfig } = change;
  const { registeredAt = new Date(requestedAtMs) } = stored?.registration ?? {};
  const write = (rivals?: Rivals): Placement => ({
    action: "write",
    row: {
      registration: serviceConfig && { ...serviceConfig, registeredAt },
      updatedAtMs: requestedAtMs,
      writtenBy: id,
      rivals,
      createdBy: stored?.registration === undefined ? id : stored.createdBy,
    },
  });
  if (stored === undefined) return write();
  const { updatedAtMs, writtenBy } = stored;
  const isOwn = writtenBy.startsWith(instance);
  if (isOwn && writtenBy > id) return { action: "overtaken", by: stored };

  const [asked, there] = [strictnessOf(serviceConfig), strictnessOf(stored.registration)];
  const rivals = isOwn ? stored.rivals : withRival(stored.rivals, updatedAtMs, there);
  if (rivals === undefined || requestedAtMs > rivals.latestMs + INDISTINGUISHABLE_MS) return write();
  const isLooser = asked < rivals.strictness;
  // Only a clock that is wrong puts a change in the future: it was requested by now.
  if (rivals.latestMs > nowMs + INDISTINGUISHABLE_MS)
    return isLooser ? { action: "refuse" } : write({ ...rivals, latestMs: nowMs });
  if (!isOwn && requestedAtMs < rivals.latestMs - INDISTINGUISHABLE_MS)
    return { action: "overtaken", by: stored };
  if (isLooser) return { action: "refuse" };
  if (isOwn || requestedAtMs > updatedAtMs) return write(rivals);
  if (asked > there) return requestedAtMs === updatedAtMs ? write(rivals) : { action: "refuse" };
  // The change counts as just before the row, whose values stay.
  return { action: "write", row: { ...stored, rivals: withRival(stored.rivals, requestedAtMs, asked) } };
}

function withRival(rivals: Rivals | undefined, requestedAtMs: number, strictness: number): Rivals {
  return {
    latestMs: Math.max(rivals?.latestMs ?? Number.NEGATIVE_INFINITY, requestedAtMs),
    strictness: Math.max(rivals?.strictness ?? 0, strictness),
  };
}

/** Ranks what is registered: removed is the strictest, then enforced, then opted out. */
function strictnessOf(registered: { readonly enforceClientAuthz: boolean } | undefined): number {
  if (registered === undefined) return 2;
  return registered.enforceClientAuthz ? 1 : 0;
}
