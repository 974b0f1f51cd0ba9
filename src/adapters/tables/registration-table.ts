import { odata, type TableClient } from "@azure/data-tables";
import { type ClientId, parseClientId } from "../../domain/client-id.ts";
import type { Clock } from "../../domain/ports.ts";
import type { Registration, RegistrationStore } from "../../domain/registration.ts";
import { readPages, requireEntities } from "./entity-page.ts";
import { registrationChange } from "./registration-change.ts";
import { type RegistrationEntity, ROW_KEY, readRow, registrationOf } from "./registration-entity.ts";
import { type RunTableOperation, tableOperations } from "./table-operations.ts";

/** More than a list asks for, so that a long run of tombstones takes few round trips. */
const PAGE_SIZE = 100;

/** Creates a {@link RegistrationStore} on a table in Azure Table Storage. */
export function createRegistrationTable(
  table: TableClient,
  timeoutMs: number,
  clock: Pick<Clock, "now">,
): RegistrationStore {
  const run = tableOperations(table, timeoutMs);
  const change = registrationChange(run, clock);

  return {
    find: async (agent, limitMs) =>
      (await run((client, abortSignal) => readRow(client, agent, abortSignal), {}, limitMs))?.registration,
    put: async (agent, serviceConfig, now) => {
      const { registeredAt, created } = await change(agent, serviceConfig, now);
      return { registration: { agent, ...serviceConfig, registeredAt, updatedAt: now }, created };
    },
    list: (after, limit) =>
      run(async (client, abortSignal) => {
        const filter = odata`RowKey eq ${ROW_KEY} and PartitionKey gt ${after ?? ""}`;
        const options = { queryOptions: { filter }, abortSignal, ...requireEntities };
        const pages = client.listEntities<RegistrationEntity>(options).byPage({ maxPageSize: PAGE_SIZE });
        const registrations: Registration[] = [];
        for await (const page of pages) {
          for (const entity of page) {
            const agent = agentOf(entity.partitionKey);
            const registration = agent && registrationOf(agent, entity);
            if (registration !== undefined) registrations.push(registration);
          }
          if (registrations.length >= limit) break;
        }
        return registrations.slice(0, limit);
      }),
    remove: async (agent, now) => {
      await change(agent, undefined, now);
    },
    removeTombstonesBefore: (before, shouldContinue) => removeTombstonesBefore(run, before, shouldContinue),
  };
}

/** Deletes tombstones older than `before` by Table Storage's clock. Skips rows that LKPS did not write. */
async function removeTombstonesBefore(
  run: RunTableOperation,
  before: Date,
  shouldContinue: () => boolean,
): Promise<void> {
  const filter = odata`RowKey eq ${ROW_KEY} and removed eq ${true} and Timestamp lt ${before}`;
  const query = { filter, select: ["PartitionKey"] };
  for await (const page of readPages<{ partitionKey: string; etag: string }>(run, query)) {
    for (const { partitionKey, etag } of page) {
      if (!shouldContinue()) return;
      if (agentOf(partitionKey) === undefined || !etag) continue;
      await run<unknown>(
        (client, abortSignal) => client.deleteEntity(partitionKey, ROW_KEY, { etag, abortSignal }),
        {
          // The agent registered or was removed again in the meantime, or another run deleted it.
          UpdateConditionNotSatisfied: undefined,
          ResourceNotFound: undefined,
        },
      );
    }
    if (!shouldContinue()) return;
  }
}

/** The agent of a row; `undefined` if LKPS did not write it. */
function agentOf(partitionKey: unknown): ClientId | undefined {
  const agent = parseClientId(partitionKey);
  return agent === partitionKey ? agent : undefined;
}
