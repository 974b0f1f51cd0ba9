import type { DecisionRecord } from "../domain/decision-record.ts";
import type { Clock } from "../domain/ports.ts";

/** Runs a table operation and adds its duration, even if it fails, to the record's `tables_ms`. */
export async function measureTableOperation<T>(
  clock: Clock,
  record: DecisionRecord,
  operation: () => Promise<T>,
): Promise<T> {
  const startedAt = clock.elapsed();
  try {
    return await operation();
  } finally {
    record.tables_ms = (record.tables_ms ?? 0) + clock.elapsed() - startedAt;
  }
}
