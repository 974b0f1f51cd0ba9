import { odata, type TableClient } from "@azure/data-tables";
import type { ClientId } from "../../domain/client-id.ts";
import type { ClientUse, SessionRecord, SessionStore } from "../../domain/ports.ts";
import { partitionKeyOf, partitionKeysOf, rowKeyAfter, rowKeyOf } from "./session-keys.ts";
import { removeSessionsBefore } from "./session-removal.ts";
import { tableOperations } from "./table-operations.ts";

type SessionEntity = Record<Exclude<keyof SessionRecord, "agent"> | "rowKey", string>;

/** {@link SessionStore} in a table of Azure Table Storage. */
export function createSessionTable(table: TableClient, timeoutMs: number): SessionStore {
  const run = tableOperations(table, timeoutMs);

  /** The first `limit` entities of one partition after a row key. */
  const newest = (partitionKey: string, after: string, limit: number) =>
    run(async (client, abortSignal) => {
      const filter = odata`PartitionKey eq ${partitionKey} and RowKey gt ${after}`;
      const entities: SessionEntity[] = [];
      const pages = client.listEntities<SessionEntity>({ queryOptions: { filter }, abortSignal });
      for await (const page of pages.byPage({ maxPageSize: limit })) {
        entities.push(...page);
        if (entities.length >= limit) break;
      }
      return entities;
    });

  /** Goes through one partition's sessions since then, each page within its own time. */
  const count = async (partitionKey: string, since: Date, uses: Map<string, ClientUse>): Promise<void> => {
    const filter = odata`PartitionKey eq ${partitionKey} and RowKey lt ${rowKeyAfter(since)}`;
    const queryOptions = { filter, select: ["client", "startedAt"] };
    let continuationToken: string | undefined;
    do {
      const page = await run(async (client, abortSignal) => {
        const pages = client
          .listEntities<SessionEntity>({ queryOptions, abortSignal })
          .byPage(continuationToken === undefined ? {} : { continuationToken });
        return (await pages.next()).value ?? [];
      });
      for (const { client, startedAt } of page) {
        const earlier = uses.get(client);
        const last = new Date(startedAt);
        uses.set(client, {
          client: client as ClientId,
          sessions: (earlier?.sessions ?? 0) + 1,
          lastStartedAt: earlier !== undefined && earlier.lastStartedAt > last ? earlier.lastStartedAt : last,
        });
      }
      continuationToken = page.continuationToken;
    } while (continuationToken !== undefined);
  };

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
        // An upsert, so that a retry after a lost answer finds its own record and no conflict.
        await client.upsertEntity(entity, "Replace", { abortSignal });
      }),
    list: async (agent, after, limit) => {
      const afterKey = after === undefined ? "" : rowKeyOf(after.startedAt, after.sessionId);
      // One more than asked for shows whether there is a next page.
      const parts = await Promise.all(
        partitionKeysOf(agent).map((partitionKey) => newest(partitionKey, afterKey, limit + 1)),
      );
      const entities = parts.flat().sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1));
      const sessions = entities.slice(0, limit).map((entity) => toRecord(agent, entity));
      return { sessions, hasMore: entities.length > limit };
    },
    removeStartedBefore: (before, mayGoOn) => removeSessionsBefore(run, before, mayGoOn),
    usesSince: async (agent, since) => {
      const uses = new Map<string, ClientUse>();
      await Promise.all(partitionKeysOf(agent).map((partitionKey) => count(partitionKey, since, uses)));
      return [...uses.values()];
    },
  };
}

function toRecord(agent: ClientId, entity: SessionEntity): SessionRecord {
  const { sessionId, client, basis, roomName, participantIdentity, startedAt, expiresAt, decisionId } =
    entity;
  return {
    sessionId,
    agent,
    client: client as ClientId,
    basis: basis as SessionRecord["basis"],
    roomName,
    participantIdentity,
    startedAt: new Date(startedAt),
    expiresAt: new Date(expiresAt),
    decisionId,
  };
}
