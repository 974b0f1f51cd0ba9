import { odata, type TableClient } from "@azure/data-tables";
import { type ClientId, parseClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { Registration, RegistrationStore } from "../../domain/ports.ts";
import { tableOperations } from "./table-operations.ts";

// One partition an agent: agents never wait for each other, and all of them can be listed in order.
const ROW_KEY = "registration";
// Each round loses only to a removal of the same agent at the same moment.
const MAX_ROUNDS = 5;

interface RegistrationEntity {
  readonly enforceClientAuthz?: unknown;
  readonly registeredAt?: unknown;
  readonly updatedAt?: unknown;
}

/** {@link RegistrationStore} in a table of Azure Table Storage. */
export function createRegistrationTable(table: TableClient, timeoutMs: number): RegistrationStore {
  const run = tableOperations(table, timeoutMs);

  const find: RegistrationStore["find"] = (agent) =>
    run<Registration | undefined>(
      async (client, abortSignal) => {
        const entity = await client.getEntity<RegistrationEntity>(agent, ROW_KEY, { abortSignal });
        // An answer that is no entity, or another's, says nothing of this agent.
        if (entity.partitionKey !== agent) throw new Error("Table Storage answered what was not asked for");
        return toRegistration(agent, entity);
      },
      { ResourceNotFound: undefined },
    );

  /** Merges into the record that is there, whose `registeredAt` stays as it is not named; `false` if there is none. */
  const replace = (agent: ClientId, enforceClientAuthz: boolean, updatedAt: string) =>
    run(
      async (client, abortSignal) => {
        const entity = { partitionKey: agent, rowKey: ROW_KEY, enforceClientAuthz, updatedAt };
        // Whatever its ETag: the last to register wins, and 200 registering at once do not retry 200 times.
        await client.updateEntity(entity, "Merge", { etag: "*", abortSignal });
        return true;
      },
      { ResourceNotFound: false },
    );

  /** Makes the record; `false` if another registration was first. */
  const create = (agent: ClientId, enforceClientAuthz: boolean, now: string) =>
    run(
      async (client, abortSignal) => {
        const times = { registeredAt: now, updatedAt: now };
        await client.createEntity(
          { partitionKey: agent, rowKey: ROW_KEY, enforceClientAuthz, ...times },
          { abortSignal },
        );
        return true;
      },
      { EntityAlreadyExists: false },
    );

  return {
    find,
    put: async (agent, enforceClientAuthz, now) => {
      for (let round = 0; round < MAX_ROUNDS; round++) {
        if (await replace(agent, enforceClientAuthz, now.toISOString())) {
          const stored = await find(agent);
          if (stored === undefined) continue;
          return { registration: { ...stored, enforceClientAuthz, updatedAt: now }, created: false };
        }
        if (await create(agent, enforceClientAuthz, now.toISOString())) {
          return {
            registration: { agent, enforceClientAuthz, registeredAt: now, updatedAt: now },
            created: true,
          };
        }
      }
      throw new DependencyError(
        "storage_unavailable",
        "The agent's registration is removed as fast as it is made",
      );
    },
    list: (after, limit) =>
      run(async (client, abortSignal) => {
        const filter = odata`RowKey eq ${ROW_KEY} and PartitionKey gt ${after ?? ""}`;
        const options = { queryOptions: { filter }, abortSignal };
        const registrations: Registration[] = [];
        for await (const page of client
          .listEntities<RegistrationEntity>(options)
          .byPage({ maxPageSize: limit })) {
          for (const entity of page) {
            const agent = parseClientId(entity.partitionKey);
            if (agent !== undefined) registrations.push(toRegistration(agent, entity));
          }
          // The service may cut a page short: only its continuation says whether there is more.
          if (registrations.length >= limit) break;
        }
        return registrations.slice(0, limit);
      }),
    remove: (agent) =>
      run<void>(
        async (client, abortSignal) => {
          await client.deleteEntity(agent, ROW_KEY, { abortSignal });
        },
        { ResourceNotFound: undefined },
      ),
  };
}

function toRegistration(agent: ClientId, entity: RegistrationEntity): Registration {
  const registeredAt = new Date(String(entity.registeredAt));
  const updatedAt = new Date(String(entity.updatedAt));
  if (Number.isNaN(registeredAt.getTime() + updatedAt.getTime())) {
    throw new Error("The stored registration has no times");
  }
  return {
    agent,
    // Only a clear opt-out is one: a record that someone mangled stays enforced.
    enforceClientAuthz: entity.enforceClientAuthz !== false,
    registeredAt,
    updatedAt,
  };
}
