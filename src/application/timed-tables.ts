import type { DecisionRecord } from "../domain/decision-record.ts";
import type { Chance } from "../domain/ports.ts";

/** Runs a table operation and adds the milliseconds it took, failed or not, to the record's `tables_ms`. */
export async function timedTables<T>(
  chance: Chance,
  record: DecisionRecord,
  operation: () => Promise<T>,
): Promise<T> {
  const startedAt = chance.elapsed();
  try {
    return await operation();
  } finally {
    record.tables_ms = (record.tables_ms ?? 0) + chance.elapsed() - startedAt;
  }
}
