import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { TableClient } from "@azure/data-tables";
import { requireEntities } from "../../src/adapters/tables/entity-page.ts";

/** The last line of an export. A file without it is incomplete. */
export interface Trailer {
  readonly rows: number;
}

/**
 * Writes a table to a file of JSON lines: one row per line with the type of each column, sorted by key, then a
 * {@link Trailer}. Reads one page at a time. The file gets its name only when it is complete.
 *
 * @returns the number of rows
 */
export async function exportTable(table: TableClient, file: string): Promise<number> {
  const partial = `${file}.partial`;
  // One of an earlier export may be readable by others, or a link.
  await rm(partial, { force: true });
  // Session records show which client talked to which agent.
  const stream = createWriteStream(partial, { mode: 0o600, flags: "wx" });
  let rows = 0;
  // Without this, a 64-bit integer or a date would come back as a different type.
  const options = { disableTypeConversion: true, ...requireEntities };
  const entities = table.listEntities<Record<string, unknown>>(options);
  for await (const page of entities.byPage({ maxPageSize: 1_000 })) {
    for (const { etag: _etag, timestamp: _timestamp, ...row } of page) {
      // The service's annotations, such as the URL of the table.
      const columns = Object.entries(row).filter(([name]) => !name.startsWith("odata."));
      rows++;
      if (!stream.write(`${lineOf(Object.fromEntries(columns))}\n`)) await once(stream, "drain");
    }
  }
  stream.end(`${JSON.stringify({ rows } satisfies Trailer)}\n`);
  await once(stream, "close");
  await rename(partial, file);
  return rows;
}

/** JSON on one line: JSON does not escape U+2028 and U+2029, but readers of lines end a line there. */
function lineOf(row: object): string {
  return JSON.stringify(row).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
