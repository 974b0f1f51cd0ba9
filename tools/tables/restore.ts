import { open } from "node:fs/promises";
import {
  odata,
  RestError,
  type TableClient,
  type TableEntity,
  type TransactionAction,
} from "@azure/data-tables";
import type { Trailer } from "./export.ts";

/** Table Storage's limit for a transaction. */
const TRANSACTION_LIMIT = 100;
const TRANSACTIONS_AT_A_TIME = 8;

/** What a restore did with the rows of an export. */
export interface Restored {
  /** Rows that were inserted. */
  readonly inserted: number;
  /** Rows that were left out because the table has a row with that key. */
  readonly present: number;
  /** Rows that were left out because of their partition key. */
  readonly excluded: number;
}

/**
 * Inserts the rows of an export that the table does not have. Never changes a row: whatever is in the table is
 * newer than the export. So it can be repeated, and it can run while LKPS does.
 *
 * @param excluded - partition keys to leave out
 * @throws Error if the export is incomplete; checked before anything is inserted
 */
export async function restoreTable(
  table: TableClient,
  file: string,
  excluded: ReadonlySet<string> = new Set(),
): Promise<Restored> {
  await checkComplete(file);
  await table.createTable();
  const counts = { inserted: 0, present: 0, excluded: 0 };
  let waiting: TableEntity[][] = [];
  const insertWaiting = async () => {
    for (const result of await Promise.all(waiting.map((rows) => insertMissing(table, rows)))) {
      counts.inserted += result.inserted;
      counts.present += result.present;
    }
    waiting = [];
  };
  for await (const row of rowsOf(file)) {
    if (excluded.has(row.partitionKey)) {
      counts.excluded++;
      continue;
    }
    // The rows of a partition follow one another, and a transaction has only rows of one partition.
    const last = waiting.at(-1);
    if (last?.[0]?.partitionKey === row.partitionKey && last.length < TRANSACTION_LIMIT) last.push(row);
    else {
      if (waiting.length === TRANSACTIONS_AT_A_TIME) await insertWaiting();
      waiting.push([row]);
    }
  }
  await insertWaiting();
  return counts;
}

/** Inserts those of a partition's rows that the table does not have, all in one transaction. */
async function insertMissing(table: TableClient, rows: TableEntity[]): Promise<Omit<Restored, "excluded">> {
  let missing = rows;
  while (missing.length > 0) {
    try {
      await table.submitTransaction(missing.map((row): TransactionAction => ["create", row]));
      break;
    } catch (error) {
      if (!(error instanceof RestError && error.statusCode === 409)) throw error;
      const present = await keysIn(table, missing);
      const rest = missing.filter(({ rowKey }) => !present.has(rowKey));
      // Some other failure than a row that exists: retrying would never end.
      if (rest.length === missing.length) throw error;
      missing = rest;
    }
  }
  return { inserted: missing.length, present: rows.length - missing.length };
}

/** The row keys that the table has, from the first to the last of the rows. */
async function keysIn(table: TableClient, rows: readonly TableEntity[]): Promise<Set<string>> {
  const [first, last] = [rows.at(0), rows.at(-1)];
  const filter = odata`PartitionKey eq ${first?.partitionKey} and RowKey ge ${first?.rowKey} and RowKey le ${last?.rowKey}`;
  const keys = new Set<string>();
  for await (const { rowKey } of table.listEntities({ queryOptions: { filter, select: ["RowKey"] } })) {
    if (rowKey !== undefined) keys.add(rowKey);
  }
  return keys;
}

async function* rowsOf(file: string): AsyncGenerator<TableEntity> {
  await using handle = await open(file);
  for await (const line of handle.readLines()) {
    const row = JSON.parse(line);
    if (typeof row.partitionKey === "string") yield row;
  }
}

async function checkComplete(file: string): Promise<void> {
  await using handle = await open(file);
  let lines = 0;
  let last = "";
  for await (const line of handle.readLines()) {
    lines++;
    last = line;
  }
  const trailer: Partial<Trailer> = last.startsWith('{"rows":') ? JSON.parse(last) : {};
  if (trailer.rows !== lines - 1)
    throw new Error(`${file} is not a complete export. Nothing was restored from it.`);
}
