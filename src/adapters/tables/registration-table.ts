import { odata, type TableClient } from "@azure/data-tables";
import { parseClientId } from "../../domain/client-id.ts";
import type { RegistrationStore } from "../../domain/ports.ts";
import type { Registration } from "../../domain/registration.ts";
import { registrationChange } from "./registration-change.ts";
import { type RegistrationEntity, ROW_KEY, readRow, registrationOf } from "./registration-entity.ts";
import { tableOperations } from "./table-operations.ts";
import { removeTombstonesBefore } from "./tombstone-removal.ts";

const PAGE_LIMIT = 1_000;

/** {@link RegistrationStore} in a table of Azure Table Storage. */
export function createRegistrationTable(table: TableClient, timeoutMs: number): RegistrationStore {
  const run = tableOperations(table, timeoutMs);
  const change = registrationChange(run, timeoutMs);
  // The removal that a first registration last lost to.
  let lastLoss: { readonly to: string; readonly registeredAt: Date } | undefined;

  return {
    find: async (agent) =>
      (await run((client, abortSignal) => readRow(client, agent, abortSignal)))?.registration,
    put: async (agent, enforceClientAuthz, now) => {
      const { id, on, overtakenBy } = await change(agent, now, (row, ownId) => ({
        enforceClientAuthz,
        registeredAt: (row?.registration?.registeredAt ?? now).toISOString(),
        createdBy: row?.registration === undefined ? ownId : row.createdBy,
      }));
      const answer = (registeredAt: Date, created: boolean) => ({
        registration: { agent, enforceClientAuthz, registeredAt, updatedAt: now },
        created,
      });
      for (const row of [on, overtakenBy]) {
        if (row?.registration !== undefined)
          return answer(row.registration.registeredAt, row.createdBy === id);
      }
      if (overtakenBy === undefined) return answer(now, true);
      // Of those that lost to one removal, one came first.
      if (lastLoss?.to === overtakenBy.writtenBy) return answer(lastLoss.registeredAt, false);
      lastLoss = { to: overtakenBy.writtenBy, registeredAt: now };
      return answer(now, true);
    },
    list: (after, limit) =>
      run(async (client, abortSignal) => {
        const filter = odata`RowKey eq ${ROW_KEY} and PartitionKey gt ${after ?? ""}`;
        const pages = client.listEntities<RegistrationEntity>({ queryOptions: { filter }, abortSignal });
        const registrations: Registration[] = [];
        let continuationToken: string | undefined;
        // Twice as many each time, so that a row of tombstones, however long, takes few round trips.
        for (let maxPageSize = limit; ; maxPageSize = Math.min(2 * maxPageSize, PAGE_LIMIT)) {
          const from = continuationToken === undefined ? {} : { continuationToken };
          const { value: page } = await pages.byPage({ maxPageSize, ...from }).next();
          for (const entity of page ?? []) {
            const agent = parseClientId(entity.partitionKey);
            if (agent === undefined || agent !== entity.partitionKey) continue;
            const registration = registrationOf(agent, entity);
            if (registration !== undefined) registrations.push(registration);
          }
          // The service may cut a page short: only its continuation says whether there is more.
          continuationToken = page?.continuationToken;
          if (registrations.length >= limit || continuationToken === undefined) break;
        }
        return registrations.slice(0, limit);
      }),
    remove: async (agent, now) => {
      await change(agent, now, () => ({ removed: true }));
    },
    removeTombstonesBefore: (before, shouldContinue) => removeTombstonesBefore(run, before, shouldContinue),
  };
}
