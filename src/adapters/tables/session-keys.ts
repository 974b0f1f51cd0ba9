import type { ClientId } from "../../domain/client-id.ts";

// Table Storage sorts by row key, ascending: counting down from here puts the newest first.
const LAST_MS = 9_999_999_999_999;
const SHARDS = "0123456789abcdef";

/**
 * An agent's sessions lie in 16 partitions, told apart by the first digit of the session's random id: one partition
 * takes 2,000 operations a second, so one agent's sessions do not run into that before the account's 20,000 end it.
 *
 * @see https://learn.microsoft.com/azure/storage/tables/scalability-targets
 */
export function partitionKeyOf(agent: ClientId, sessionId: string): string {
  return `${agent}_${sessionId.charAt(0)}`;
}

/** All the partitions that hold sessions of the agent. */
export function partitionKeysOf(agent: ClientId): string[] {
  return [...SHARDS].map((shard) => partitionKeyOf(agent, shard));
}

/** The agent of a partition. */
export function agentOf(partitionKey: string): string {
  return partitionKey.slice(0, partitionKey.indexOf("_"));
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

function countdown(time: Date): string {
  return String(LAST_MS - time.getTime()).padStart(13, "0");
}
