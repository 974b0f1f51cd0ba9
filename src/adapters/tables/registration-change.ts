import { randomUUID } from "node:crypto";
import type { ClientId } from "../../domain/client-id.ts";
import { type RegistrationEntity, ROW_KEY, readRow, type StoredRow } from "./registration-entity.ts";
import { odataErrorCode, type RunTableOperation } from "./table-operations.ts";

/** How Table Storage says that the row is no longer as it was read. */
const CONFLICTS = ["EntityAlreadyExists", "UpdateConditionNotSatisfied", "ResourceNotFound"];
/** How far the clocks of two instances may be apart. */
const MAX_CLOCK_SKEW_MS = 100;

/** What came of a change. */
interface ChangeOutcome {
  /** The change's own id, unique and random. */
  readonly id: string;
  /** The row that it was made on, or would have been. */
  readonly on: StoredRow | undefined;
  /** The row that stands in its stead: this change counts as made just before. */
  readonly overtakenBy?: StoredRow;
}

/**
 * Changes an agent's row, by `columns` of what it was before.
 *
 * Every write has the condition that the row is as it was read, so one that storage carries out late, or twice, changes
 * nothing. And no write is sent once a later change is known to stand.
 */
export type ChangeRegistration = (
  agent: ClientId,
  requestedAt: Date,
  columns: (on: StoredRow | undefined, id: string) => RegistrationEntity,
) => Promise<ChangeOutcome>;

/** {@link ChangeRegistration}, within twice the time of one operation: a read, and a write with what follows from it. */
export function registrationChange(run: RunTableOperation, timeoutMs: number): ChangeRegistration {
  const instance = randomUUID();
  let count = 0;
  const skewMs = Math.min(MAX_CLOCK_SKEW_MS, timeoutMs / 2);

  return async (agent, requestedAt, columns) => {
    // Ids of one instance sort in the order in which their changes were asked for.
    const id = `${instance}_${String(++count).padStart(12, "0")}`;
    // Another instance's by the clocks, which may be that far apart; one from the future has a clock that runs ahead, and
    // must not swallow this instance's changes until then.
    const isLater = ({ writtenBy, requestedAtMs }: StoredRow) => {
      if (writtenBy.startsWith(instance)) return writtenBy > id;
      return requestedAtMs > requestedAt.getTime() + skewMs && requestedAtMs <= Date.now() + skewMs;
    };
    // A write that was given up, its caller told 503 long before this change was asked for, may be carried out at any
    // time, also between this one's read and write. Only such a one must not win; of those that were asked for at
    // about the same time any may, and 200 of them do not retry 200 times.
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
          // After a lost answer, the SDK's second try finds the row that its first one wrote: that is this one here, too.
          if (stands !== undefined && !isEarlier(stands)) return { id, on, overtakenBy: stands };
          on = stands;
        }
      }
    });
  };
}
