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

const LIVE = "live_";
/** The keys between these two are those of live sessions' partitions, after all others. */
export const LIVE_RANGE = [LIVE, "live`"] as const;

/**
 * Sessions that are not over have partitions of their own, so that the check of live sessions reads them alone, however
 * many are over.
 */
export function livePartitionKeyOf(agent: ClientId, sessionId: string): string {
  return `${LIVE}${partitionKeyOf(agent, sessionId)}`;
}

/** The partitions of the agent's live sessions. */
export function livePartitionKeysOf(agent: ClientId): string[] {
  return [...SHARDS].map((shard) => livePartitionKeyOf(agent, shard));
}

/** The partitions of the agent's sessions that are over. */
export function partitionKeysOf(agent: ClientId): string[] {
  return [...SHARDS].map((shard) => partitionKeyOf(agent, shard));
}

/** The agent of a partition, of live sessions or others; `undefined` if the key is not one of LKPS's. */
export function agentOf(partitionKey: string): ClientId | undefined {
  return parseClientId(/^(?:live_)?([0-9a-f-]{36})_[0-9a-f]$/.exec(partitionKey)?.[1]);
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
export function isSession(rowKey: unknown, startedAt: unknown): startedAt is string {
  if (typeof rowKey !== "string" || typeof startedAt !== "string") return false;
  return /^\d{13}_[0-9a-f-]{36}$/.test(rowKey) && rowKey.startsWith(countdown(new Date(startedAt)));
}

function countdown(time: Date): string {
  return String(LAST_MS - time.getTime()).padStart(13, "0");
}
