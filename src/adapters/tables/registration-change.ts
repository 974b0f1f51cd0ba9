import { randomUUID } from "node:crypto";
import type { ClientId } from "../../domain/client-id.ts";
import { type RegistrationEntity, ROW_KEY, readRow, type StoredRow } from "./registration-entity.ts";
import { odataErrorCode, type RunTableOperation } from "./table-operations.ts";

/** Table Storage's errors for a row that has changed since it was read. */
const CONFLICTS = ["EntityAlreadyExists", "UpdateConditionNotSatisfied", "ResourceNotFound"];
/** The assumed clock skew between two instances. */
const MAX_CLOCK_SKEW_MS = 100;

/** The outcome of a change. */
interface ChangeOutcome {
  /** The unique id of this change. */
  readonly id: string;
  /** The row that the change was based on. */
  readonly on: StoredRow | undefined;
  /** The row that overtook this change. The change counts as made just before that one. */
  readonly overtakenBy?: StoredRow;
}

/**
 * Changes an agent's row. `columns` computes the new row from the previous one.
 *
 * Each write is conditional on the row being unchanged since it was read, so a write that storage executes
 * late or twice has no effect. No write is sent once a later change is known to be stored.
 */
export type ChangeRegistration = (
  agent: ClientId,
  requestedAt: Date,
  columns: (on: StoredRow | undefined, id: string) => RegistrationEntity,
) => Promise<ChangeOutcome>;

/**
 * Creates {@link ChangeRegistration}. A change takes at most twice the time limit of one operation: a read,
 * and a write with its retries.
 */
export function registrationChange(run: RunTableOperation, timeoutMs: number): ChangeRegistration {
  const instance = randomUUID();
  let count = 0;
  const skewMs = Math.min(MAX_CLOCK_SKEW_MS, timeoutMs / 2);

  return async (agent, requestedAt, columns) => {
    // The ids of one instance sort in the order of its changes.
    const id = `${instance}_${String(++count).padStart(12, "0")}`;
    // Changes of other instances are compared by time, within the clock skew. A time in the future comes from
    // a fast clock and must not block this instance's changes until then.
    const isLater = ({ writtenBy, requestedAtMs }: StoredRow) => {
      if (writtenBy.startsWith(instance)) return writtenBy > id;
      return requestedAtMs > requestedAt.getTime() + skewMs && requestedAtMs <= Date.now() + skewMs;
    };
    // A write that timed out may still be executed at any time, even between the read and the write below.
    // Only such a write, requested well before this one, must not win. Among changes requested at about the
    // same time any may win, so 200 concurrent ones don't retry 200 times.
    const isEarlier = (row: StoredRow) => !isLater(row) && row.requestedAtMs + skewMs < requestedAt.getTime();

    let on = await run((client, abortSignal) => readRow(client, agent, abortSignal));
    if (on !== undefined && isLater(on)) return { id, on: undefined, overtakenBy: on };
    return await run(async (client, abortSignal) => {
      for (;;) {
        const written = { updatedAt: requestedAt.toISOString(), writtenBy: id };
        const entity = { partitionKey: agent, rowKey: ROW_KEY, ...columns(on, id), ...written };
        try {
          if (on === undefined) await client.createEntity(entity, { abortSignal });
          else await client.updateEntity(entity, "Replace", { etag: on.etag, abortSignal });
          return { id, on };
        } catch (error) {
          if (!CONFLICTS.includes(odataErrorCode(error) ?? "")) throw error;
          const stands = await readRow(client, agent, abortSignal);
          if (stands?.etag === on?.etag) throw error;
          // If a response was lost, the SDK's retry finds the row that its first attempt wrote; that is also
          // handled here.
          if (stands !== undefined && !isEarlier(stands)) return { id, on, overtakenBy: stands };
          on = stands;
        }
      }
    });
  };
}
