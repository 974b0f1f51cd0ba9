import type { TableClient } from "@azure/data-tables";
import { beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/lib/system-clock.ts";
import { createRegistrationTable } from "../../src/adapters/tables/registration-table.ts";
import { createTableClient } from "../../src/adapters/tables/table-client.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { RegistrationStore } from "../../src/domain/ports.ts";
import { AGENT, serviceConfig } from "../support/app-registration.ts";
import { azuriteTables } from "../support/azurite-tables.ts";

const agent = AGENT as ClientId;
const T0 = new Date("2026-11-24T09:00:00.000Z");
const T1 = new Date("2026-11-24T09:00:00.007Z");

const tables = azuriteTables();
let table: TableClient;
let registrations: RegistrationStore;

// Each test has its own table, which does not exist yet.
beforeEach(() => {
  table = createTableClient(tables.direct, tables.newName());
  registrations = createRegistrationTable(table, 3_000, systemClock);
});

test("the first operation creates the table, whichever it is, even if many run concurrently", async () => {
  const found = await Promise.all(Array.from({ length: 20 }, () => registrations.find(agent)));
  expect(found).toEqual(Array(20).fill(undefined));
});

test("a deleted table is created again", async () => {
  await registrations.put(agent, serviceConfig(true), T0);
  await table.deleteTable();
  expect(await registrations.find(agent)).toBeUndefined();
  expect((await registrations.put(agent, serviceConfig(true), T0)).created).toBe(true);
});

test("registering again keeps registeredAt and replaces the rest", async () => {
  const first = await registrations.put(agent, serviceConfig(false), T0);
  expect(first).toEqual({
    created: true,
    registration: { agent, ...serviceConfig(false), registeredAt: T0, updatedAt: T0 },
  });
  const second = await registrations.put(agent, serviceConfig(true), T1);
  const registration = { agent, ...serviceConfig(true), registeredAt: T0, updatedAt: T1 };
  expect(second).toEqual({ created: false, registration });
  expect(await registrations.find(agent)).toEqual(registration);
});

test.each([undefined, null, "false", 0])(
  "a stored flag of %j is not an opt-out",
  async (enforceClientAuthz) => {
    await registrations.put(agent, serviceConfig(true), T0);
    const times = { registeredAt: T0.toISOString(), updatedAt: T0.toISOString() };
    const entity = { partitionKey: agent, rowKey: "registration", ...times, enforceClientAuthz };
    await table.updateEntity(entity, "Replace");
    expect((await registrations.find(agent))?.enforceClientAuthz).toBe(true);
  },
);
