import { randomUUID } from "node:crypto";
import type { ClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { Clock } from "../../domain/ports.ts";
import type { ServiceConfig } from "../../domain/registration.ts";
import { untilAborted } from "../lib/timeout.ts";
import { readRow, writeRow } from "./registration-entity.ts";
import { placeChange, type RowValues } from "./registration-order.ts";
import { isConflict, type RunTableOperation } from "./table-operations.ts";

/** The outcome of a change. */
interface ChangeOutcome {
  /** The unique id of this change. */
  readonly id: string;
  /** The row that the change was based on. */
  readonly on: RowValues | undefined;
  /** The row that stands now. If it is not this change's, it counts as made just after it. */
  readonly stands: RowValues;
}

/**
 * Registers an agent, or removes its registration if `serviceConfig` is undefined.
 *
 * @throws DependencyError `storage_unavailable`. If it is unknown whether another instance's change came first, nothing
 *   changes, and the error asks to try again when the clocks can tell
 */
export type ChangeRegistration = (
  agent: ClientId,
  serviceConfig: ServiceConfig | undefined,
  requestedAt: Date,
) => Promise<ChangeOutcome>;

/**
 * Creates {@link ChangeRegistration}. Each write is conditional on the row being unchanged since it was read, so a write
 * that storage executes late or twice has no effect. `placeChange` decides what is written.
 */
export function registrationChange(run: RunTableOperation, clock: Pick<Clock, "now">): ChangeRegistration {
  const instance = randomUUID();
  let count = 0;
  /** The changes in progress for each agent, in the order of arrival. */
  const inProgress = new Map<ClientId, Map<string, Promise<ChangeOutcome>>>();

  const perform = (
    agent: ClientId,
    serviceConfig: ServiceConfig | undefined,
    requestedAt: Date,
    id: string,
  ) =>
    run(async (table, abortSignal): Promise<ChangeOutcome> => {
      const change = { id, requestedAtMs: requestedAt.getTime(), serviceConfig };
      let on = await readRow(table, agent, abortSignal);
      for (let conflict: unknown; ; ) {
        // The SDK's retry after a lost response conflicts with what its first attempt wrote.
        if (on?.writtenBy === id) return { id, on, stands: on };
        const place = placeChange(change, on, instance, clock.now().getTime());
        if (place.action === "refuse") throw orderUnknown();
        if (place.action === "overtaken") return { id, on: undefined, stands: place.by };
        if (conflict !== undefined) {
          // Of many changes at once only the newest one tries again; the others count as made just before it.
          const [newestId, newest] = [...(inProgress.get(agent) ?? [])].at(-1) ?? [id];
          if (newest !== undefined && newestId !== id) {
            const outcome = await untilAborted(abortSignal, newest).catch(() => undefined);
            if (outcome !== undefined) return { id, on, stands: outcome.stands };
          }
        }
        try {
          await writeRow(table, agent, place.row, on?.etag, abortSignal);
          return { id, on, stands: place.row };
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
    const ofAgent = inProgress.get(agent) ?? new Map<string, Promise<ChangeOutcome>>();
    const outcome = perform(agent, serviceConfig, requestedAt, id);
    inProgress.set(agent, ofAgent.set(id, outcome));
    try {
      return await outcome;
    } finally {
      ofAgent.delete(id);
      if (ofAgent.size === 0) inProgress.delete(agent);
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
