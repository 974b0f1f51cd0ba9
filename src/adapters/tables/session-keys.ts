import { type ClientId, parseClientId } from "../../domain/client-id.ts";

// Table Storage sorts by row key, ascending. Counting down puts the newest first.
const LAST_MS = 9_999_999_999_999;
const SHARDS = "0123456789abcdef";

/**
 * Spreads an agent's sessions over 16 partitions by the last hexadecimal digit of the session id, which is
 * random (the first digits are the time). One partition handles 2,000 operations a second and the account
 * 20,000, so a single agent is not limited by its partition.
 *
 * Earlier versions used the first digit of a random id. Their records have the same kind of row keys in the
 * same partitions, so lists, rehearsals and the removal still find them; only a point read does not.
 *
 * @see https://learn.microsoft.com/azure/storage/tables/scalability-targets
 */
export function partitionKeyOf(agent: ClientId, sessionId: string): string {
  return `${agent}_${sessionId.slice(-1)}`;
}

/** All partitions of the agent's sessions. */
export function partitionKeysOf(agent: ClientId): string[] {
  return [...SHARDS].map((shard) => `${agent}_${shard}`);
}

/** The agent of a partition; `undefined` if the key is not one of LKPS's. */
export function agentOf(partitionKey: string): ClientId | undefined {
  const agent = parseClientId(partitionKey.slice(0, -2));
  return agent !== undefined && partitionKeysOf(agent).includes(partitionKey) ? agent : undefined;
}

/** A key after all partitions of the agent and before those of the next one. */
export function partitionKeyAfter(agent: ClientId): string {
  return `${agent}_~`;
}

/** Sorts the newest session first. */
export function rowKeyOf(startedAt: Date, sessionId: string): string {
  return `${countdown(startedAt)}_${sessionId}`;
}

/** Sessions that started at or after `time` have row keys below this one; earlier ones above. */
export function rowKeyAfter(time: Date): string {
  // Ids consist of hexadecimal digits and dashes, which all sort before the tilde.
  return `${countdown(time)}_~`;
}

/** Whether this row is a session of LKPS: others may have written to the table. */
export function isSession(rowKey: string, startedAt: unknown): startedAt is string {
  if (typeof startedAt !== "string" || !/^\d{13}_[0-9a-f-]{36}$/.test(rowKey)) return false;
  return rowKey.startsWith(countdown(new Date(startedAt)));
}

function countdown(time: Date): string {
  return String(LAST_MS - time.getTime()).padStart(13, "0");
}
