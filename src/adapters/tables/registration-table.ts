import { odata, type TableClient } from "@azure/data-tables";
import { parseClientId } from "../../domain/client-id.ts";
import type { Clock } from "../../domain/ports.ts";
import type { Registration, RegistrationStore } from "../../domain/registration.ts";
import { MAX_PAGE_SIZE, requireEntities } from "./entity-page.ts";
import { registrationChange } from "./registration-change.ts";
import { type RegistrationEntity, ROW_KEY, readRow, registrationOf } from "./registration-entity.ts";
import { tableOperations } from "./table-operations.ts";
import { removeTombstonesBefore } from "./tombstone-removal.ts";

/** Creates a {@link RegistrationStore} on a table in Azure Table Storage. */
export function createRegistrationTable(
  table: TableClient,
  timeoutMs: number,
  clock: Clock,
): RegistrationStore {
  const run = tableOperations(table, timeoutMs);
  const change = registrationChange(run, clock);
  const firstLoss = firstLosses(2 * timeoutMs, clock);

  return {
    find: async (agent, limitMs) =>
      (await run((client, abortSignal) => readRow(client, agent, abortSignal), {}, limitMs))?.registration,
    put: async (agent, serviceConfig, now) => {
      const { id, on, stands } = await change(agent, serviceConfig, now);
      const response = (registeredAt: Date, created: boolean) => ({
        registration: { agent, ...serviceConfig, registeredAt, updatedAt: now },
        created,
      });
      for (const row of [on, stands]) {
        if (row?.registration !== undefined)
          return response(row.registration.registeredAt, row.createdBy === id);
      }
      const registeredAt = firstLoss(stands.writtenBy, now);
      return response(registeredAt ?? now, registeredAt === undefined);
    },
    list: (after, limit) =>
      run(async (client, abortSignal) => {
        const filter = odata`RowKey eq ${ROW_KEY} and PartitionKey gt ${after ?? ""}`;
        const pages = client.listEntities<RegistrationEntity>({
          queryOptions: { filter },
          abortSignal,
          ...requireEntities,
        });
        const registrations: Registration[] = [];
        let continuationToken: string | undefined;
        // Doubles the page size, so that a long run of tombstones takes few round trips.
        for (let maxPageSize = limit; ; maxPageSize = Math.min(2 * maxPageSize, MAX_PAGE_SIZE)) {
          const from = continuationToken === undefined ? {} : { continuationToken };
          const { value: page } = await pages.byPage({ maxPageSize, ...from }).next();
          for (const entity of page ?? []) {
            const agent = parseClientId(entity.partitionKey);
            if (agent === undefined || agent !== entity.partitionKey) continue;
            const registration = registrationOf(agent, entity);
            if (registration !== undefined) registrations.push(registration);
          }
          // A page can be short even if more follow: only the continuation token tells.
          continuationToken = page?.continuationToken;
          if (registrations.length >= limit || continuationToken === undefined) break;
        }
        return registrations.slice(0, limit);
      }),
    remove: async (agent, now) => {
      await change(agent, undefined, now);
    },
    removeTombstonesBefore: (before, shouldContinue) => removeTombstonesBefore(run, before, shouldContinue),
  };
}

/**
 * Of the registrations that lost to the same removal, only the first one counts as new. The function returns the time
 * of that first one, or `undefined` for the first one itself.
 *
 * @param keptMs - how long after the first one another may end
 */
function firstLosses(
  keptMs: number,
  clock: Pick<Clock, "elapsed">,
): (removal: string, registeredAt: Date) => Date | undefined {
  const losses = new Map<string, { readonly registeredAt: Date; readonly until: number }>();
  return (removal, registeredAt) => {
    const now = clock.elapsed();
    for (const [old, { until }] of losses) {
      // In the order of their time: the first one that stays ends the search.
      if (until > now) break;
      losses.delete(old);
    }
    const first = losses.get(removal)?.registeredAt;
    if (first === undefined) losses.set(removal, { registeredAt, until: now + keptMs });
    return first;
  };
}
