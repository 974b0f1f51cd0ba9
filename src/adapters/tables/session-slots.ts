import { odata } from "@azure/data-tables";
import type { ClientId } from "../../domain/client-id.ts";
import type { SessionLimits } from "../../domain/registration.ts";
import type { SessionRecord, TrackedSession } from "../../domain/session.ts";
import { parseJson } from "../lib/http-response.ts";
import { requireEntities } from "./entity-page.ts";
import { type SessionEntity, toSession } from "./session-entity.ts";
import { livePartitionKeysOf } from "./session-keys.ts";
import { findEntity, isConflict, type RunTableOperation } from "./table-operations.ts";

/** A start whose record may not be stored yet. */
interface Slot {
  readonly sessionId: string;
  readonly client: string;
  readonly atMs: number;
}

/** Longer than storing a record may take. */
const MAX_STORING_MS = 90_000;

/**
 * Takes a slot for a session of an agent that limits its live sessions, before the session is stored. One row for each
 * agent orders the starts of all instances: it holds the sessions that may not be stored yet, and writing it is conditional
 * on its being unchanged since the sessions were counted. So never more than the limit are live.
 *
 * @param isCounted - whether a stored session counts as live
 * @returns false if a limit is reached
 */
export function takeSlot(
  run: RunTableOperation,
  isCounted: (session: TrackedSession) => boolean,
  { agent, client, sessionId, startedAt }: SessionRecord,
  limits: SessionLimits,
): Promise<boolean> {
  const { max_live_sessions: max = Infinity, max_live_sessions_per_client: maxOfClient = Infinity } = limits;
  const [partitionKey, rowKey] = [`slots_${agent}`, "slots"];
  const atMs = startedAt.getTime();
  return run(async (table, abortSignal) => {
    const list = (filter: string) =>
      table.listEntities<SessionEntity>({ queryOptions: { filter }, abortSignal, ...requireEntities });
    const liveSessions = async () => {
      const keys = livePartitionKeysOf(agent);
      const range = odata`PartitionKey ge ${keys[0]} and PartitionKey le ${keys.at(-1)}`;
      const { value: page } = await list(range).byPage().next();
      // One after another, the pages of 10,000 sessions would take longer than an operation may.
      const rows = page?.continuationToken
        ? await Promise.all(keys.map((key) => Array.fromAsync(list(odata`PartitionKey eq ${key}`))))
        : [page ?? []];
      return rows.flat().flatMap((row) => toSession(agent, row) ?? []);
    };
    for (;;) {
      const stored = await findEntity<{ slots?: unknown }>(table, partitionKey, rowKey, abortSignal);
      const storedSlots = parseJson(String(stored?.slots));
      const slots: readonly Slot[] = Array.isArray(storedSlots) ? storedSlots : [];
      // The SDK's retry after a lost response conflicts with what its first attempt wrote.
      if (slots.some((slot) => slot.sessionId === sessionId)) return true;
      // Read after the slots: a session that is not among them is stored by now, or its start failed.
      const live = await liveSessions();
      const ids = new Set(live.map((session) => session.sessionId));
      const starting = slots.filter(
        (slot) => !ids.has(slot.sessionId) && Math.abs(atMs - slot.atMs) < MAX_STORING_MS,
      );
      const taken: readonly { readonly client: ClientId | string }[] = [
        ...live.filter(isCounted),
        ...starting,
      ];
      if (taken.length >= max || taken.filter((each) => each.client === client).length >= maxOfClient)
        return false;
      const row = { partitionKey, rowKey, slots: JSON.stringify([...starting, { sessionId, client, atMs }]) };
      try {
        if (stored === undefined) await table.createEntity(row, { abortSignal });
        else await table.updateEntity(row, "Replace", { etag: stored.etag, abortSignal });
        return true;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
  });
}
