import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { lstat, mkdtemp, open, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TableClient, TransactionAction } from "@azure/data-tables";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRegistrationTable } from "../../src/adapters/tables/registration-table.ts";
import { partitionKeyOf, rowKeyOf } from "../../src/adapters/tables/session-keys.ts";
import { createTableClient } from "../../src/adapters/tables/table-operations.ts";
import { systemClock } from "../../src/adapters.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { needs } from "../../tools/test/needs.ts";
import { serviceConfig } from "../support/app-registration.ts";
import { azuriteTables } from "../support/azurite-tables.ts";
import { answer } from "../support/fault-proxy.ts";

const AGENTS = 50;
// More than a page of 1,000; `npm run verify` takes more.
const SESSIONS = process.env["LKPS_VERIFY"] === "1" ? 9_599 : 1_199;
const AT = new Date("2026-11-24T09:00:00.000Z");
const agentOf = (n: number) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}` as ClientId;

const azurite = azuriteTables();
const posix = await needs("posix");
let folder: string;
let names: { agents: string; sessions: string };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lkps-export-"));
  names = { agents: azurite.newName(), sessions: azurite.newName() };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const clientOf = (name: string) => createTableClient(azurite.direct, name);
const registrations = () => createRegistrationTable(clientOf(names.agents), 10_000, systemClock);

const tables = (...args: string[]) => tablesWith({}, ...args);

async function tablesWith(
  settings: Record<string, string>,
  ...args: string[]
): Promise<{ status: number; output: string }> {
  const env = {
    ...process.env,
    TABLES_CONNECTION_STRING: azurite.direct.connectionString,
    AGENTS_TABLE: names.agents,
    SESSIONS_TABLE: names.sessions,
    ...settings,
  };
  const run = promisify(execFile)(process.execPath, [join(repositoryRoot, "tools/tables.ts"), ...args], {
    env,
  });
  return await run.then(
    ({ stdout }) => ({ status: 0, output: stdout }),
    ({ code, stdout, stderr }) => ({ status: code, output: stdout + stderr }),
  );
}

/** Deletes both tables; what is restored goes to tables with new names, as Azure blocks a deleted name for a while. */
async function lose(): Promise<void> {
  for (const name of [names.agents, names.sessions]) await clientOf(name).deleteTable();
}

async function changed(...agents: string[]): Promise<string> {
  const file = join(folder, "changed.txt");
  await writeFile(file, agents.join("\n") || "none\n");
  return file;
}

async function store(table: TableClient, rows: { partitionKey: string; rowKey: string }[]): Promise<void> {
  const batches = Map.groupBy(rows, ({ partitionKey }) => partitionKey).values();
  const transactions = [...batches].flatMap((batch) =>
    Array.from({ length: Math.ceil(batch.length / 100) }, (_, n) =>
      batch.slice(n * 100, n * 100 + 100).map((row): TransactionAction => ["create", row]),
    ),
  );
  await table.createTable();
  for (const actions of transactions) await table.submitTransaction(actions);
}

/** Every row with the type of each column, without what Table Storage sets itself. */
async function contentOf(name: string): Promise<string[]> {
  const rows = await Array.fromAsync(clientOf(name).listEntities({ disableTypeConversion: true }));
  const set = ["etag", "timestamp", "odata.metadata"];
  return rows.map((row) =>
    JSON.stringify(
      Object.entries(row)
        .filter(([column]) => !set.includes(column))
        .sort(),
    ),
  );
}

test(`${AGENTS + SESSIONS + 1} rows of every type are restored unchanged, and a second restore changes nothing`, async () => {
  const times = {
    registeredAt: AT.toISOString(),
    updatedAt: AT.toISOString(),
    createdBy: "x",
    writtenBy: "x",
  };
  const agents = Array.from({ length: AGENTS }, (_, n) => ({
    partitionKey: agentOf(n),
    rowKey: "registration",
    ...(n % 10 === 0
      ? { removed: true, updatedAt: times.updatedAt, writtenBy: "x" }
      : { ...times, enforceClientAuthz: n % 3 > 0 }),
  }));
  const sessions = Array.from({ length: SESSIONS }, (_, n) => {
    const sessionId = `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
    const startedAt = new Date(AT.getTime() + n);
    return {
      partitionKey: partitionKeyOf(agentOf(n % 5), sessionId),
      rowKey: rowKeyOf(startedAt, sessionId),
      startedAt: startedAt.toISOString(),
      participantIdentity: `client-ü-"${n}"\n`,
    };
  });
  const everyType = {
    partitionKey: "not LKPS's",
    rowKey: "1",
    int64: 2n ** 60n,
    int32: 7,
    double: 1.5,
    wholeDouble: { type: "Double", value: "3.0" },
    date: { type: "DateTime", value: "2026-11-24T09:00:00.1234567Z" },
    guid: { type: "Guid", value: agentOf(1) },
    binary: new Uint8Array([0, 255]),
  };
  await store(clientOf(names.agents), agents);
  await store(clientOf(names.sessions), [...sessions, everyType]);
  const before = { agents: await contentOf(names.agents), sessions: await contentOf(names.sessions) };
  expect(before.agents.length + before.sessions.length).toBe(AGENTS + SESSIONS + 1);
  expect(before.sessions.at(-1)).toContain(String(2n ** 60n));

  const exported = await tables("export", folder);
  expect(exported.output).toBe(`${names.agents}: ${AGENTS} rows\n${names.sessions}: ${SESSIONS + 1} rows\n`);
  await lose();
  const restored = await tables("restore", folder, "--changed", await changed());
  expect(restored.output).toBe(
    `${names.agents}: ${AGENTS} rows restored, 0 already there, 0 changed since\n` +
      `${names.sessions}: ${SESSIONS + 1} rows restored, 0 already there, 0 changed since\n`,
  );
  expect(await contentOf(names.agents)).toEqual(before.agents);
  expect(await contentOf(names.sessions)).toEqual(before.sessions);

  // Interrupted: a part of the rows is there. Then complete, which a repetition leaves as it is.
  const lost = [sessions[0], sessions[1_000], sessions[SESSIONS - 1]];
  for (const row of lost)
    await clientOf(names.sessions).deleteEntity(row?.partitionKey ?? "", row?.rowKey ?? "");
  const again = await tables("restore", folder, "--changed", await changed());
  expect(again.output).toContain(
    `${names.sessions}: 3 rows restored, ${SESSIONS - 2} already there, 0 changed since`,
  );
  expect(await contentOf(names.sessions)).toEqual(before.sessions);
});

test("an export does not write through a link, or to a file that others can read", posix, async () => {
  const elsewhere = join(folder, "elsewhere");
  await writeFile(elsewhere, "kept");
  const [agents, sessions] = [names.agents, names.sessions].map((name) => join(folder, `${name}.jsonl`));
  await symlink(elsewhere, `${agents}.partial`);
  await writeFile(`${sessions}.partial`, "of an export that was interrupted", { mode: 0o644 });
  for (const name of [names.agents, names.sessions]) await clientOf(name).createTable();
  expect((await tables("export", folder)).status).toBe(0);
  expect(await readFile(elsewhere, "utf8")).toBe("kept");
  for (const file of [agents, sessions]) expect((await lstat(file ?? "")).mode).toBe(0o100600);
});

test.each([
  [{ TABLES_ENDPOINT: "https://x.table.core.windows.net" }, /^Set either /],
  [
    { TABLES_CONNECTION_STRING: "TableEndpoint=http://x.example;AccountName=a;AccountKey=c2VjcmV0" },
    /^TABLES_CONNECTION_STRING must be .*https/,
  ],
  [
    { TABLES_CONNECTION_STRING: "", TABLES_ENDPOINT: "http://x.example" },
    /^TABLES_ENDPOINT must be an https/,
  ],
  [{ AGENTS_TABLE: "../agents" }, /^AGENTS_TABLE must be a table name/],
])("the settings have the rules of the app: %j", async (settings, output) => {
  const ran = await tablesWith(settings, "export", folder);
  expect(ran).toEqual({ status: 2, output: expect.stringMatching(output) });
  expect(ran.output).not.toContain("c2VjcmV0");
});

test("a row is one line, whatever is in it", async () => {
  for (const name of [names.agents, names.sessions]) await clientOf(name).createTable();
  const text = "\u2028\u2029";
  await clientOf(names.sessions).createEntity({ partitionKey: "a", rowKey: "b", text });
  await tables("export", folder);
  await using file = await open(join(folder, `${names.sessions}.jsonl`));
  const lines = await Array.fromAsync(file.readLines());
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ text: { value: text } }, { rows: 1 }]);
});

test("a restore changes no row, and brings back nothing that was removed or changed since", async () => {
  const at = (minutes: number) => new Date(Date.now() - 600_000 + minutes * 60_000);
  for (const n of [1, 2, 3, 4]) await registrations().put(agentOf(n), serviceConfig(false), at(n));
  await registrations().put(agentOf(5), serviceConfig(true), at(5));
  await clientOf(names.sessions).createTable();
  await tables("export", folder);
  // Agent 1 turns enforcement on, agent 2 is removed, agent 3 is removed so long ago that its tombstone is gone, and
  // agent 5 is lost.
  await registrations().put(agentOf(1), serviceConfig(true), at(6));
  await registrations().remove(agentOf(2), at(6));
  await clientOf(names.agents).deleteEntity(agentOf(3), "registration");
  await clientOf(names.agents).deleteEntity(agentOf(5), "registration");
  const { output } = await tables("restore", folder, "--changed", await changed(agentOf(3).toUpperCase()));
  expect(output).toContain(`${names.agents}: 1 rows restored, 3 already there, 1 changed since`);
  const found = await Promise.all([1, 2, 3, 4, 5].map((n) => registrations().find(agentOf(n))));
  expect(found.map((one) => one?.enforceClientAuthz)).toEqual([true, undefined, undefined, false, true]);
  // An agent that registers after the restore replaces what was restored.
  await registrations().put(agentOf(5), serviceConfig(false), at(7));
  expect((await registrations().find(agentOf(5)))?.enforceClientAuthz).toBe(false);
});

test("an incomplete export, a missing list, and an unknown command change nothing", async () => {
  await registrations().put(agentOf(1), serviceConfig(true), AT);
  await clientOf(names.sessions).createTable();
  await tables("export", folder);
  const file = join(folder, `${names.agents}.jsonl`);
  expect((await tables("export", folder)).output).toContain("exists. Choose a different folder.");
  for (const args of [["restore", folder], ["remove", folder], ["export"]]) {
    expect(await tables(...args)).toEqual({ status: 2, output: expect.stringMatching(/^Usage:/) });
  }
  const without = await tablesWith({ TABLES_CONNECTION_STRING: "" }, "export", folder);
  expect(without).toEqual({
    status: 2,
    output: expect.stringMatching(/^TABLES_ENDPOINT is not set.*--local.*Usage:/s),
  });
  const list = await changed("not an id");
  expect((await tables("restore", folder, "--changed", list)).output).toContain("is not a client id");
  await writeFile(list, "\n");
  expect((await tables("restore", folder, "--changed", list)).output).toContain("is empty");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1));
  await clientOf(names.agents).deleteEntity(agentOf(1), "registration");
  const { status, output } = await tables("restore", folder, "--changed", await changed());
  expect(output).toBe(`${file} is not a complete export. Nothing was restored from it.\n`);
  expect(status).toBe(1);
  expect(await registrations().find(agentOf(1))).toBeUndefined();
  expect(existsSync(`${file}.partial`)).toBe(false);
});

test("an export is a failure, and no file, where Table Storage answers something else than a list", async () => {
  await clientOf(names.agents).createTable();
  const failing = azurite.proxy.fail(({ method }) => method === "GET", answer(200, {}));
  const exported = await tablesWith(azuriteThroughProxy(), "export", folder);
  failing.end();
  expect(exported).toMatchObject({ status: 1, output: expect.stringContaining("no list of entities") });
  expect(existsSync(join(folder, `${names.agents}.jsonl`))).toBe(false);
});

const azuriteThroughProxy = () => ({ TABLES_CONNECTION_STRING: azurite.throughProxy.connectionString });
