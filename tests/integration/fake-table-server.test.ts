import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RestError, TableClient } from "@azure/data-tables";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../dev/azurite.ts";
import { createTableClient } from "../../src/adapters/tables/table-client.ts";
import { type FakeTableServer, fakeTableServer } from "../support/fake-table-server.ts";

// What the random histories of registrations rest on is held against the real thing.

const SEQUENCES = 200;
const TABLE = "agents";

let folder: string;
let azurite: Azurite;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lkps-fake-tables-"));
  azurite = await startAzurite({ location: folder, port: 0 });
});
afterAll(async () => {
  await azurite?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Which ETag a write carries: that of the row as it is, as it was first, or any. */
const etags = ["current", "first", "*"] as const;
const step = fc.record({
  does: fc.constantFrom("create", "replace", "merge", "upsert", "delete", "get"),
  etag: fc.constantFrom(...etags),
  column: fc.constantFrom("a", "b"),
  value: fc.oneof(fc.boolean(), fc.string({ maxLength: 5, unit: "grapheme-ascii" })),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What the sequence of steps comes to: each step's outcome, and what is stored after it. */
async function outcomes(client: TableClient, steps: readonly Step[]): Promise<unknown[]> {
  const keys = { partitionKey: "agent", rowKey: "registration" };
  const seen: string[] = [];
  const look = async () => {
    try {
      const entity = await client.getEntity(keys.partitionKey, keys.rowKey);
      const { etag, timestamp, "odata.metadata": _, ...columns } = entity;
      if (seen.at(-1) !== etag) seen.push(etag);
      // Which of all ETags so far it is, whatever they look like.
      return { columns, etag: seen.indexOf(etag), hasTimestamp: typeof timestamp === "string" };
    } catch (error) {
      return codeOf(error);
    }
  };
  const results: unknown[] = [await look()];
  for (const { does, etag: which, column, value } of steps) {
    const entity = { ...keys, [column]: value };
    const etag = which === "*" ? "*" : ((which === "first" ? seen[0] : seen.at(-1)) ?? 'W/"none"');
    try {
      if (does === "create") await client.createEntity(entity);
      else if (does === "replace") await client.updateEntity(entity, "Replace", { etag });
      else if (does === "merge") await client.updateEntity(entity, "Merge", { etag });
      else if (does === "upsert") await client.upsertEntity(entity, "Replace");
      else if (does === "delete") await client.deleteEntity(keys.partitionKey, keys.rowKey, { etag });
      results.push("done");
    } catch (error) {
      results.push(codeOf(error));
    }
    results.push(await look());
  }
  return results;
}

function codeOf(error: unknown): unknown {
  if (!(error instanceof RestError)) throw error;
  const { odataError } = error.details as { odataError?: { code?: string } };
  return [error.statusCode, odataError?.code];
}

function clientOf(server: FakeTableServer): TableClient {
  const httpClient = {
    sendRequest: async (request: Parameters<FakeTableServer["carryOut"]>[0]) => server.carryOut(request),
  };
  return new TableClient("http://tables.invalid", TABLE, { httpClient, allowInsecureConnection: true });
}

test(`${SEQUENCES} sequences of writes on one row come to the same as with Azurite`, async () => {
  const sequences = fc.array(step, { minLength: 1, maxLength: 6 });
  const property = fc.asyncProperty(sequences, fc.boolean(), async (steps, hasTable) => {
    const fake = clientOf(fakeTableServer());
    const real = createTableClient({ connectionString: azurite.connectionString }, `fake${++count}`);
    if (hasTable) for (const client of [fake, real]) await client.createTable();
    expect(await outcomes(fake, steps)).toEqual(await outcomes(real, steps));
  });
  await fc.assert(property, { numRuns: SEQUENCES, endOnFailure: true });
});

test("a table that is there is not made again, as with Azurite", async () => {
  const fake = clientOf(fakeTableServer());
  const real = createTableClient({ connectionString: azurite.connectionString }, `fake${++count}`);
  for (const client of [fake, real]) {
    await client.createTable();
    await client.createEntity({ partitionKey: "agent", rowKey: "registration", a: true });
    await client.createTable();
    expect(await client.getEntity("agent", "registration")).toMatchObject({ a: true });
  }
});
