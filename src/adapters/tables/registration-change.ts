import { randomUUID } from "node:crypto";
import type { ClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { Clock } from "../../domain/ports.ts";
import type { ServiceConfig } from "../../domain/registration.ts";
import { untilAborted } from "../lib/timeout.ts";
import { readRow, writeRow } from "./registration-entity.ts";
import { placeChange, type RequestedChange, type RowValues } from "./registration-order.ts";
import { isConflict, type RunTableOperation } from "./table-operations.ts";

/** How many removals of an agent are remembered, so that one that never pauses does not fill the memory. */
const MAX_LOSSES = 100;

/** The outcome of a change. */
interface ChangeOutcome {
  /** The row that the change was based on. */
  readonly on: RowValues | undefined;
  /** The row that stands now. If it is not this change's, it counts as made just after it. */
  readonly stands: RowValues;
}

/** The changes of an agent, as long as any is in progress. */
interface ChangesInProgress {
  /** By their ids, in the order of arrival. */
  readonly outcomes: Map<string, Promise<ChangeOutcome>>;
  /** When the first of the registrations that lost to a removal was requested, by the removal's id. */
  readonly losses: Map<string, Date>;
}

/**
 * Registers an agent, or removes its registration if `serviceConfig` is undefined. What a removal resolves to means nothing.
 *
 * @throws DependencyError `storage_unavailable`. If it is unknown whether another instance's change came first, nothing
 *   changes, and the error asks to try again when the clocks can tell
 */
export type ChangeRegistration = (
  agent: ClientId,
  serviceConfig: ServiceConfig | undefined,
  requestedAt: Date,
) => Promise<{ readonly registeredAt: Date; readonly created: boolean }>;

/**
 * Creates {@link ChangeRegistration}. Each write is conditional on the row being unchanged since it was read, so a write
 * that storage executes late or twice has no effect. `placeChange` decides what is written.
 */
export function registrationChange(run: RunTableOperation, clock: Pick<Clock, "now">): ChangeRegistration {
  const instance = randomUUID();
  let count = 0;
  const inProgress = new Map<ClientId, ChangesInProgress>();

  const perform = (agent: ClientId, change: RequestedChange) =>
    run(async (table, abortSignal): Promise<ChangeOutcome> => {
      const { id } = change;
      let on = await readRow(table, agent, abortSignal);
      for (let conflict: unknown; ; ) {
        // The SDK's retry after a lost response conflicts with what its first attempt wrote.
        if (on?.writtenBy === id) return { on, stands: on };
        const place = placeChange(change, on, instance, clock.now().getTime());
        if (place.action === "refuse") throw orderUnknown();
        if (place.action === "overtaken") return { on: undefined, stands: place.by };
        if (conflict !== undefined) {
          // Of many changes at once only the newest one tries again; the others count as made just before it.
          const [newestId, newest] = [...(inProgress.get(agent)?.outcomes ?? [])].at(-1) ?? [id];
          if (newest !== undefined && newestId !== id) {
            const outcome = await untilAborted(abortSignal, newest).catch(() => undefined);
            if (outcome !== undefined) return { on, stands: outcome.stands };
          }
        }
        try {
          await writeRow(table, agent, place.row, on?.etag, abortSignal);
          return { on, stands: place.row };
        } catch (error) {
          if (!isConflict(error)) throw error;
          conflict = error;
          const stored = await readRow(table, agent, abortSignal);
          if (stored?.etag === on?.etag) throw error;
          on = stored;
        }
      }
    });

  return async (agent, serviceConfig, requestedAt) => {
    const id = `${instance}_${String(++count).padStart(12, "0")}`;
    const ofAgent = inProgress.get(agent) ?? { outcomes: new Map(), losses: new Map() };
    inProgress.set(agent, ofAgent);
    const outcome = perform(agent, { id, requestedAtMs: requestedAt.getTime(), serviceConfig });
    ofAgent.outcomes.set(id, outcome);
    try {
      const { on, stands } = await outcome;
      for (const row of [on, stands]) {
        if (row?.registration !== undefined)
          return { registeredAt: row.registration.registeredAt, created: row.createdBy === id };
      }
      // Of the registrations that lost to the same removal, only the first one counts as new.
      const { losses } = ofAgent;
      const lostAt = losses.get(stands.writtenBy);
      if (serviceConfig !== undefined) losses.set(stands.writtenBy, lostAt ?? requestedAt);
      if (losses.size > MAX_LOSSES) losses.delete([...losses.keys()][0] ?? "");
      return { registeredAt: lostAt ?? requestedAt, created: lostAt === undefined };
    } finally {
      ofAgent.outcomes.delete(id);
      if (ofAgent.outcomes.size === 0) inProgress.delete(agent);
    }
  };
}

function orderUnknown(): DependencyError {
  return new DependencyError(
    "storage_unavailable",
    "Another instance changed the registration at about the same time: it is unknown which change came first",
    { retryAfterSeconds: 3 },
  );
}
