import { odata, type TableClient } from "@azure/data-tables";
import type { SessionStore, TakeTurn } from "../../domain/ports.ts";
import { sessionPositionOf, type TrackedSession } from "../../domain/session.ts";
import { readPage } from "./entity-page.ts";
import { newestSessions } from "./newest-sessions.ts";
import { recentActivity } from "./session-activity.ts";
import { changeSession } from "./session-change.ts";
import { readSession, type SessionEntity, toEntity, toSession } from "./session-entity.ts";
import { agentOf, LIVE_RANGE, livePartitionKeyOf, rowKeyOf } from "./session-keys.ts";
import { removeSessionsBefore } from "./session-removal.ts";
import { takeSlot } from "./session-slots.ts";
import { tableOperations } from "./table-operations.ts";

/** How a store treats sessions. */
export interface SessionRules {
  /** Whether the check has to look at a session. */
  readonly isLive: (session: TrackedSession) => boolean;
  /** Whether a session counts for its agent's limits. */
  readonly isCounted: (session: TrackedSession) => boolean;
  /** Until when a session counts as used that joined at a time and has not ended. */
  readonly openUntilMs: (joinedAtMs: number) => number;
  /** One at a time for an agent. */
  readonly takeTurn: TakeTurn;
}

/**
 * Creates a {@link SessionStore} on a table in Azure Table Storage.
 */
export function createSessionTable(
  table: TableClient,
  timeoutMs: number,
  { isLive, isCounted, openUntilMs, takeTurn }: SessionRules,
): SessionStore {
  const run = tableOperations(table, timeoutMs);

  return {
    add: (record) =>
      run(async (client, abortSignal) => {
        const entity = toEntity(record, livePartitionKeyOf(record.agent, record.sessionId));
        // An upsert, so that a retry after a lost response does not conflict with its own record.
        await client.upsertEntity(entity, "Replace", { abortSignal });
      }),
    // One at a time here, so that only instances have to try again.
    takeSlot: (record, limits) => takeTurn(record.agent, () => takeSlot(run, isCounted, record, limits)),
    find: async (agent, sessionId) => {
      const position = sessionPositionOf(sessionId);
      if (position === undefined) return undefined;
      const read = (client: TableClient, abortSignal: AbortSignal) =>
        readSession(client, agent, position, abortSignal);
      return (await run(read))?.session;
    },
    change: (agent, sessionId, change) => changeSession(run, isLive, agent, sessionId, change),
    listLive: async (after) => {
      const [from, to] = LIVE_RANGE;
      const query = { filter: odata`PartitionKey ge ${from} and PartitionKey lt ${to}` };
      const page = await readPage<SessionEntity & { partitionKey: string }>(run, query, after);
      const sessions = page.entities.flatMap((entity) => {
        const agent = agentOf(entity.partitionKey);
        return (agent && toSession(agent, entity)) ?? [];
      });
      return { sessions, next: page.continuationToken };
    },
    list: async (agent, after, limit) => {
      const afterKey = after === undefined ? "" : rowKeyOf(after.startedAt, after.sessionId);
      // One session more than requested shows whether there is a next page. Sessions are spread evenly, so one page of about
      // twice its share is usually all that a partition has to contribute.
      const pageSize = 2 * Math.ceil((limit + 1) / 16) + 2;
      const queryOf = (partitionKey: string) => ({
        filter: odata`PartitionKey eq ${partitionKey} and RowKey gt ${afterKey}`,
        pageSize,
      });
      const parse = (entity: SessionEntity) => toSession(agent, entity);
      const found: TrackedSession[] = [];
      for await (const record of newestSessions(run, agent, queryOf, parse)) {
        if (found.push(record) > limit) break;
      }
      return { sessions: found.slice(0, limit), hasMore: found.length > limit };
    },
    activitySince: (agent, since, limit) => recentActivity(run, agent, since, limit, openUntilMs),
    removeStartedBefore: (before, shouldContinue) => removeSessionsBefore(run, before, shouldContinue),
  };
}
