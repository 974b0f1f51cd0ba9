import { odata, type TableClient } from "@azure/data-tables";
import { type ClientId, parseClientId } from "../../domain/client-id.ts";
import type { SessionStore } from "../../domain/ports.ts";
import type { SessionRecord } from "../../domain/session.ts";
import { sessionPositionOf } from "../../domain/session-id.ts";
import { newestSessions } from "./newest-sessions.ts";
import { recentActivity } from "./session-activity.ts";
import { isSession, partitionKeyOf, rowKeyOf } from "./session-keys.ts";
import { removeSessionsBefore } from "./session-removal.ts";
import { tableOperations } from "./table-operations.ts";

/** The columns of a session's row. */
type SessionEntity = Partial<Record<Exclude<keyof SessionRecord, "agent">, string>>;

/** Creates a {@link SessionStore} on a table in Azure Table Storage. */
export function createSessionTable(table: TableClient, timeoutMs: number): SessionStore {
  const run = tableOperations(table, timeoutMs);

  return {
    add: (record) =>
      run(async (client, abortSignal) => {
        const { agent, startedAt, expiresAt, ...columns } = record;
        const entity = {
          partitionKey: partitionKeyOf(agent, record.sessionId),
          rowKey: rowKeyOf(startedAt, record.sessionId),
          ...columns,
          startedAt: startedAt.toISOString(),
          expiresAt: expiresAt.toISOString(),
        };
        // An upsert, so that a retry after a lost response does not conflict with its own record.
        await client.upsertEntity(entity, "Replace", { abortSignal });
      }),
    find: async (agent, sessionId) => {
      const position = sessionPositionOf(sessionId);
      if (position === undefined) return undefined;
      const partitionKey = partitionKeyOf(agent, position.sessionId);
      const rowKey = rowKeyOf(position.startedAt, position.sessionId);
      return await run<SessionRecord | undefined>(
        async (client, abortSignal) => {
          const entity = await client.getEntity<SessionEntity>(partitionKey, rowKey, { abortSignal });
          // A malformed response does not mean that there is no such session.
          if (entity.partitionKey !== partitionKey || entity.rowKey !== rowKey)
            throw new Error("Table Storage returned a different entity");
          return toRecord(agent, rowKey, entity);
        },
        { ResourceNotFound: undefined },
      );
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
      const toSession = (rowKey: string, entity: SessionEntity) => toRecord(agent, rowKey, entity);
      const found: SessionRecord[] = [];
      for await (const record of newestSessions(run, agent, queryOf, toSession)) {
        if (found.push(record) > limit) break;
      }
      return { sessions: found.slice(0, limit), hasMore: found.length > limit };
    },
    activitySince: (agent, since, limit) => recentActivity(run, agent, since, limit),
    removeStartedBefore: (before, shouldContinue) => removeSessionsBefore(run, before, shouldContinue),
  };
}

/** The record in a row; `undefined` if the row is not a session of LKPS. */
function toRecord(agent: ClientId, rowKey: string, entity: SessionEntity): SessionRecord | undefined {
  const { sessionId, basis, roomName, participantIdentity, startedAt, decisionId } = entity;
  const client = parseClientId(entity.client);
  const expiresAt = new Date(entity.expiresAt ?? Number.NaN);
  const texts = [sessionId, roomName, participantIdentity, decisionId];
  if (!isSession(rowKey, startedAt) || rowKey !== rowKeyOf(new Date(startedAt), String(sessionId)))
    return undefined;
  if (client === undefined || Number.isNaN(expiresAt.getTime())) return undefined;
  if (texts.some((text) => typeof text !== "string")) return undefined;
  if (basis !== "pre_authorized" && basis !== "enforcement_disabled") return undefined;
  return {
    sessionId: sessionId as string,
    agent,
    client,
    basis,
    roomName: roomName as string,
    participantIdentity: participantIdentity as string,
    startedAt: new Date(startedAt),
    expiresAt,
    decisionId: decisionId as string,
  };
}
