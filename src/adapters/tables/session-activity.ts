import { odata } from "@azure/data-tables";
import { type ClientId, parseClientId } from "../../domain/client-id.ts";
import type { ClientActivity, RecentActivity } from "../../domain/session.ts";
import { newestSessions } from "./newest-sessions.ts";
import { isSession, rowKeyAfter } from "./session-keys.ts";
import type { RunTableOperation } from "./table-operations.ts";

/** Counts the clients of an agent's newest sessions since `since`, up to `limit` sessions. */
export async function recentActivity(
  run: RunTableOperation,
  agent: ClientId,
  since: Date,
  limit: number,
): Promise<RecentActivity> {
  const queryOf = (partitionKey: string) => ({
    filter: odata`PartitionKey eq ${partitionKey} and RowKey lt ${rowKeyAfter(since)}`,
    select: ["RowKey", "client", "startedAt"],
  });
  const clients = new Map<ClientId, ClientActivity & { sessions: number }>();
  let counted = 0;
  for await (const { client, startedAt } of newestSessions(run, agent, queryOf, toStart)) {
    if (counted++ === limit) return { clients: [...clients.values()], complete: false };
    const activity = clients.get(client);
    // The newest session comes first.
    if (activity === undefined) clients.set(client, { client, sessions: 1, lastStartedAt: startedAt });
    else activity.sessions++;
  }
  return { clients: [...clients.values()], complete: true };
}

function toStart(rowKey: string, entity: { readonly client?: unknown; readonly startedAt?: unknown }) {
  const client = parseClientId(entity.client);
  if (client === undefined || !isSession(rowKey, entity.startedAt)) return undefined;
  return { client, startedAt: new Date(entity.startedAt) };
}
