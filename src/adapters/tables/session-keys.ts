import { type ClientId, parseClientId } from "../../domain/client-id.ts";

// Table Storage sorts by row key, ascending: counting down from here puts the newest first.
const LAST_MS = 9_999_999_999_999;
const SHARDS = "0123456789abcdef";

/**
 * An agent's sessions are spread over 16 partitions by the last digit of the session's id, which is random; its first
 * digits are the time. One partition takes 2,000 operations a second, so one agent's sessions do not run into that
 * before the account's 20,000 end it.
 *
 * Earlier versions took the first digit of a random id. Their records have the same row keys in the same partitions, so
 * that lists, rehearsals and the removal find them; only a point read does not.
 *
 * @see https://learn.microsoft.com/azure/storage/tables/scalability-targets
 */
export function partitionKeyOf(agent: ClientId, sessionId: string): string {
  return `${agent}_${sessionId.slice(-1)}`;
}

/** All the partitions that hold sessions of the agent. */
export function partitionKeysOf(agent: ClientId): string[] {
  return [...SHARDS].map((shard) => `${agent}_${shard}`);
}

/** The agent whose sessions a partition holds; `undefined` if it is not one of {@link partitionKeysOf} any agent. */
export function agentOf(partitionKey: string): ClientId | undefined {
  const agent = parseClientId(partitionKey.slice(0, -2));
  return agent !== undefined && partitionKeysOf(agent).includes(partitionKey) ? agent : undefined;
}

/** Above all partition keys of the agent, and below those of the next one. */
export function partitionKeyAfter(agent: ClientId): string {
  return `${agent}_~`;
}

/** Within a partition, the newest session comes first. */
export function rowKeyOf(startedAt: Date, sessionId: string): string {
  return `${countdown(startedAt)}_${sessionId}`;
}

/** The row keys of sessions started at `time` or later are below this one, of earlier ones above it. */
export function rowKeyAfter(time: Date): string {
  // Ids are hexadecimal digits and dashes, which all come before the tilde.
  return `${countdown(time)}_~`;
}

/** Whether a record with this row key and this `startedAt` is a session of LKPS: others may have written to the table. */
export function isSession(rowKey: string, startedAt: unknown): startedAt is string {
  if (typeof startedAt !== "string" || !/^\d{13}_[0-9a-f-]{36}$/.test(rowKey)) return false;
  return rowKey.startsWith(countdown(new Date(startedAt)));
}

function countdown(time: Date): string {
  return String(LAST_MS - time.getTime()).padStart(13, "0");
}
