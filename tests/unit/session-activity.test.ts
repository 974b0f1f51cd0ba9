import type { TableClient } from "@azure/data-tables";
import fc from "fast-check";
import { expect, test } from "vitest";
import { recentActivity } from "../../src/adapters/tables/session-activity.ts";
import {
  livePartitionKeysOf,
  partitionKeyOf,
  partitionKeysOf,
  rowKeyOf,
} from "../../src/adapters/tables/session-keys.ts";
import type { RunTableOperation } from "../../src/adapters/tables/table-operations.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { ClientActivity } from "../../src/domain/session.ts";
import { AGENT } from "../support/app-registration.ts";

const agent = AGENT as ClientId;
const T0 = Date.parse("2026-11-24T09:00:00.000Z");
const clientOf = (n: number) => `c11e0000-0000-4000-8000-${String(n).padStart(12, "0")}` as ClientId;

interface Entity {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly client: unknown;
  readonly startedAt: unknown;
}

/** The n-th session: in which partition, of which client, how long after the first. */
function entityOf(n: number, shard: number, client: number, ms: number): Entity {
  const startedAt = new Date(T0 + ms);
  const sessionId = `00000000-0000-7000-8000-${n.toString(16).padStart(11, "0")}${shard.toString(16)}`;
  return {
    partitionKey: partitionKeyOf(agent, sessionId),
    rowKey: rowKeyOf(startedAt, sessionId),
    client: clientOf(client),
    startedAt: startedAt.toISOString(),
  };
}

/** A table that answers in pages of at most `size`, and notes which it was asked for. */
function tableOf(entities: readonly Entity[], size: number) {
  const partitions = new Map(partitionKeysOf(agent).map((key) => [key, [] as Entity[]]));
  for (const entity of entities) partitions.get(entity.partitionKey)?.push(entity);
  for (const rows of partitions.values()) rows.sort((a, b) => (a.rowKey < b.rowKey ? -1 : 1));
  const asked: string[] = [];
  const client = {
    listEntities: ({ queryOptions }: { queryOptions: { filter: string } }) => ({
      byPage: ({ continuationToken = "0" }: { continuationToken?: string }) => {
        const [, partitionKey = ""] = /PartitionKey eq '([^']*)'/.exec(queryOptions.filter) ?? [];
        const rows = partitions.get(partitionKey) ?? [];
        const from = Number(continuationToken);
        asked.push(`${partitionKey} ${from}`);
        const page = Object.assign(rows.slice(from, from + size), {
          continuationToken: from + size < rows.length ? String(from + size) : undefined,
        });
        return { next: async () => ({ value: page }) };
      },
    }),
  };
  const run: RunTableOperation = (operation) =>
    operation(client as unknown as TableClient, new AbortController().signal);
  return { run, asked };
}

/** The same by sorting everything. */
function oracle(
  entities: readonly Entity[],
  limit: number,
): { clients: ClientActivity[]; complete: boolean } {
  const newest = entities.toSorted((a, b) => (a.rowKey < b.rowKey ? -1 : 1)).slice(0, limit);
  const clients = [...Map.groupBy(newest, ({ client }) => client as ClientId)].map(([client, same]) => ({
    client,
    sessions: same.length,
    lastStartedAt: new Date(String(same[0]?.startedAt)),
    joined: 0,
    usedMs: 0,
  }));
  return { clients, complete: entities.length <= limit };
}

const byClient = ({ clients, complete }: { clients: readonly ClientActivity[]; complete: boolean }) => ({
  clients: clients.toSorted((a, b) => (a.client < b.client ? -1 : 1)),
  complete,
});

const entities = fc
  .array(fc.tuple(fc.nat({ max: 15 }), fc.nat({ max: 4 }), fc.nat({ max: 30 })), { maxLength: 120 })
  .map((starts) => starts.map(([shard, client, ms], n) => entityOf(n, shard, client, ms)));

test("exactly the newest sessions up to the limit are counted, however they are paged", async () => {
  const sizes = fc.integer({ min: 1, max: 7 });
  // The bound is often what there is, or one beside it.
  const beside = fc.oneof(fc.integer({ min: -1, max: 1 }), fc.integer({ min: -120, max: 1 }));
  await fc.assert(
    fc.asyncProperty(entities, beside, sizes, async (all, more, size) => {
      const limit = Math.max(0, all.length + more);
      const { run } = tableOf(all, size);
      const seen = await recentActivity(run, agent, new Date(0), limit, Number);
      expect(byClient(seen)).toEqual(byClient(oracle(all, limit)));
    }),
  );
});

test("a page of a partition is read only when the previous one is used up", async () => {
  // Partition 0 has the newest ten, partition 1 the ten before.
  const all = Array.from({ length: 20 }, (_, n) => entityOf(n, n < 10 ? 0 : 1, 0, 1_000 - n));
  const first = [...livePartitionKeysOf(agent), ...partitionKeysOf(agent)].map((key) => `${key} 0`);
  const pagesFor = async (limit: number) => {
    const { run, asked } = tableOf(all, 4);
    await recentActivity(run, agent, new Date(0), limit, Number);
    expect(asked.slice(0, 32)).toEqual(first);
    return asked.slice(32);
  };
  expect(await pagesFor(3)).toEqual([]);
  expect(await pagesFor(4)).toEqual([`${AGENT}_0 4`]);
  expect(await pagesFor(13)).toEqual([`${AGENT}_0 4`, `${AGENT}_0 8`]);
  expect(await pagesFor(15)).toEqual([`${AGENT}_0 4`, `${AGENT}_0 8`, `${AGENT}_1 4`]);
});

test("rows that are not LKPS sessions are not counted", async () => {
  const one = entityOf(1, 3, 7, 5);
  const foreign = [
    { ...entityOf(2, 3, 7, 9), client: "somebody" },
    { ...entityOf(3, 3, 7, 9), client: undefined },
    { ...entityOf(4, 3, 7, 9), startedAt: undefined },
    { ...entityOf(5, 3, 7, 9), startedAt: one.startedAt },
    { ...entityOf(6, 3, 7, 9), rowKey: "0" },
  ];
  const { run } = tableOf([...foreign, one], 2);
  const clients = [
    { client: clientOf(7), sessions: 1, lastStartedAt: new Date(T0 + 5), joined: 0, usedMs: 0 },
  ];
  expect(await recentActivity(run, agent, new Date(0), 1, Number)).toEqual({ clients, complete: true });
});
