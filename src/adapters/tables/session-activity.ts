import { odata } from "@azure/data-tables";
import { type ClientId, parseClientId } from "../../domain/client-id.ts";
import type { ClientActivity, RecentActivity } from "../../domain/session.ts";
import { newestSessions } from "./newest-sessions.ts";
import type { SessionEntity } from "./session-entity.ts";
import { isSession, rowKeyAfter } from "./session-keys.ts";
import type { RunTableOperation } from "./table-operations.ts";

/**
 * Counts the clients of an agent's newest sessions since `since`, up to `limit` sessions.
 *
 * @param openUntilMs - until when a session counts that joined at a time and has not ended
 */
export async function recentActivity(
  run: RunTableOperation,
  agent: ClientId,
  since: Date,
  limit: number,
  openUntilMs: (joinedAtMs: number) => number,
): Promise<RecentActivity> {
  const queryOf = (partitionKey: string) => ({
    filter: odata`PartitionKey eq ${partitionKey} and RowKey lt ${rowKeyAfter(since)}`,
    select: ["RowKey", "client", "startedAt", "joinedAt", "endedAt"],
  });
  const clients = new Map<ClientId, Writable<ClientActivity>>();
  let counted = 0;
  const sessions = newestSessions(run, agent, queryOf, toUse);
  for await (const { client, startedAt, joinedAtMs, endedAtMs } of sessions) {
    if (counted++ === limit) return { clients: [...clients.values()], complete: false };
    // The newest session comes first.
    const activity = clients.get(client) ?? { client, lastStartedAt: startedAt, ...NOTHING };
    clients.set(client, activity);
    activity.sessions++;
    if (Number.isNaN(joinedAtMs)) continue;
    activity.joined++;
    const untilMs = Number.isNaN(endedAtMs) ? openUntilMs(joinedAtMs) : endedAtMs;
    activity.usedMs += Math.max(0, untilMs - joinedAtMs);
  }
  return { clients: [...clients.values()], complete: true };
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

const NOTHING = { sessions: 0, joined: 0, usedMs: 0 };

function toUse(entity: SessionEntity) {
  const client = parseClientId(entity.client);
  if (client === undefined || !isSession(entity.rowKey, entity.startedAt)) return undefined;
  const [joinedAtMs, endedAtMs] = [Date.parse(String(entity.joinedAt)), Date.parse(String(entity.endedAt))];
  return { client, startedAt: new Date(entity.startedAt), joinedAtMs, endedAtMs };
}
