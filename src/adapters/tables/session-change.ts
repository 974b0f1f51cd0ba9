import { randomUUID } from "node:crypto";
import type { TableClient } from "@azure/data-tables";
import type { ClientId } from "../../domain/client-id.ts";
import type { KnownSession } from "../../domain/known-session.ts";
import { sessionPositionOf, type TrackedSession } from "../../domain/session.ts";
import type { SessionChange } from "../../domain/session-state.ts";
import { readRow, readSession, type StoredSession, toTrackedEntity } from "./session-entity.ts";
import { livePartitionKeyOf, partitionKeyOf } from "./session-keys.ts";
import { isConflict, type RunTableOperation } from "./table-operations.ts";

/**
 * Changes what is known of a session. Each write is conditional on the row being unchanged since it was read; after a
 * conflict, `change` is applied to the new row. Then moves the row, if the session is over or is live again.
 *
 * @param isLive - whether the check has to look at the session
 * @returns `undefined` if there is no such session
 */
export function changeSession(
  run: RunTableOperation,
  isLive: (session: TrackedSession) => boolean,
  agent: ClientId,
  sessionId: string,
  change: (session: TrackedSession) => KnownSession,
): Promise<SessionChange | undefined> {
  const position = sessionPositionOf(sessionId);
  if (position === undefined) return Promise.resolve(undefined);
  const id = randomUUID();
  return run(async (client, abortSignal) => {
    let attempted: SessionChange | undefined;
    let written: SessionChange | undefined;
    for (;;) {
      const stored = await readSession(client, agent, position, abortSignal);
      if (stored === undefined) return written;
      // The SDK's retry after a lost response conflicts with what its first attempt wrote.
      if (stored.writtenBy === id) written ??= attempted;
      const before = stored.session;
      const known = written === undefined ? change(before) : before.known;
      const isChanged = JSON.stringify(known) !== JSON.stringify(before.known);
      const after = isChanged ? { ...before, known } : before;
      const isArchived = !isLive(after);
      const partitionKey = (isArchived ? partitionKeyOf : livePartitionKeyOf)(agent, position.sessionId);
      const isThere = stored.partitionKey === partitionKey;
      const outcome = written ?? { before, after };
      if (isThere && !isChanged) return outcome;
      attempted = outcome;
      // Before a session is archived, the change is stored where it is: a move has no condition on the other row.
      const isInPlace = isThere || (isChanged && isArchived);
      const entity = toTrackedEntity(after, isInPlace ? stored.partitionKey : partitionKey, id);
      try {
        if (isInPlace) {
          await client.updateEntity(entity, "Replace", { etag: stored.etag, abortSignal });
          written = outcome;
          if (isThere) return outcome;
        } else if (await moveRow(client, agent, stored, entity, abortSignal)) {
          return outcome;
        }
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
  });
}

/**
 * Creates the row in the other partition, then deletes this one. Interrupted in between, both exist.
 *
 * @returns false if another instance has moved or changed the row
 */
async function moveRow(
  client: TableClient,
  agent: ClientId,
  { partitionKey, etag, session }: StoredSession,
  entity: ReturnType<typeof toTrackedEntity>,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const liveKey = livePartitionKeyOf(agent, session.sessionId);
  try {
    await client.createEntity(entity, { abortSignal });
  } catch (error) {
    // A live row counts more than an archived one.
    if (!isConflict(error) || entity.partitionKey === liveKey) throw error;
    // An earlier move was interrupted. If this row is still the same, the other one is an old copy of it.
    const copy = await readRow(client, agent, session, entity.partitionKey, abortSignal);
    const source = await readRow(client, agent, session, partitionKey, abortSignal);
    if (copy === undefined || source?.etag !== etag) return false;
    await client.updateEntity(entity, "Replace", { etag: copy.etag, abortSignal });
  }
  try {
    await client.deleteEntity(partitionKey, entity.rowKey, { etag, abortSignal });
  } catch (error) {
    // A live row that has changed in between counts, and what was created is an old copy. An archived one does not count.
    if (!isConflict(error) || partitionKey === liveKey) throw error;
  }
  return true;
}
