import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { TableClient } from "@azure/data-tables";
import { AzureCliCredential } from "@azure/identity";
import { connectionStringOf } from "../dev/azurite.ts";
import { defaultPorts } from "../dev/local-defaults.ts";
import { parseClientId } from "../src/domain/client-id.ts";
import { connectionString, tableName, tablesEndpoint } from "../src/settings/value-schemas.ts";
import { exportTable } from "./tables/export.ts";
import { restoreTable } from "./tables/restore.ts";

// `npm run tables -- export|restore FOLDER`: copies the tables of LKPS to files and back. See docs/operators.md.

const usage = `Usage:
  npm run tables -- export FOLDER [--local]
  npm run tables -- restore FOLDER --changed FILE [--local]

--changed FILE  the client ids of the agents that registered or were removed after the export, one per line, or the
                word none. Their registrations are not restored.

--local         the tables of npm start, on its default port

TABLES_ENDPOINT is the tables' address, for which you are signed in with az login. The app's settings AGENTS_TABLE,
SESSIONS_TABLE, and, for Azurite, TABLES_CONNECTION_STRING are read too.`;

const { positionals, values } = parse();
const [command, folder, ...rest] = positionals;
if (folder === undefined || rest.length > 0) fail(usage);
try {
  if (command === "export" && values.changed === undefined) await exportAll(folder);
  else if (command === "restore") await restoreAll(folder, changedAgents(values.changed));
  else fail(usage);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function exportAll(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const { name, file, table } of tables(folder)) {
    if (existsSync(file)) fail(`${file} exists. Choose a different folder.`);
    console.log(`${name}: ${await exportTable(table, file)} rows`);
  }
}

async function restoreAll(folder: string, changed: ReadonlySet<string>): Promise<void> {
  for (const { name, file, table } of tables(folder)) {
    // A session's partition is not just the agent, so sessions are never left out.
    const { inserted, present, excluded } = await restoreTable(table, file, changed);
    console.log(`${name}: ${inserted} rows restored, ${present} already there, ${excluded} changed since`);
  }
}

/** Opt-outs that were withdrawn and registrations that were removed must not come back. */
function changedAgents(file: string | undefined): ReadonlySet<string> {
  if (file === undefined) fail(usage);
  const lines = readFileSync(file, "utf8").split(/\s+/).filter(Boolean);
  if (lines.join() === "none") return new Set();
  // As after a query that failed.
  if (lines.length === 0) fail(`${file} is empty. If no agent has changed, write the word none into it.`);
  const invalid = lines.find((line) => parseClientId(line) === undefined);
  if (invalid !== undefined) fail(`${file}: ${invalid} is not a client id.`);
  return new Set(lines.map((line) => parseClientId(line) ?? ""));
}

function tables(folder: string) {
  const local = { TABLES_ENDPOINT: "", TABLES_CONNECTION_STRING: connectionStringOf(defaultPorts.tables) };
  const { AGENTS_TABLE, SESSIONS_TABLE } = process.env;
  const { TABLES_ENDPOINT, TABLES_CONNECTION_STRING } = values.local ? local : process.env;
  if (!TABLES_ENDPOINT && !TABLES_CONNECTION_STRING)
    fail(`TABLES_ENDPOINT is not set. Set it, or give --local for the tables of npm start.\n\n${usage}`);
  if (TABLES_ENDPOINT && TABLES_CONNECTION_STRING)
    fail("Set either TABLES_ENDPOINT or TABLES_CONNECTION_STRING, not both.");
  const names = {
    AGENTS_TABLE: AGENTS_TABLE || "agents",
    SESSIONS_TABLE: SESSIONS_TABLE || "sessions",
  };
  return Object.entries(names).map(([setting, value]) => {
    const name = checked(setting, tableName, value);
    const file = join(folder, `${name}.jsonl`);
    if (TABLES_CONNECTION_STRING) {
      const text = checked("TABLES_CONNECTION_STRING", connectionString, TABLES_CONNECTION_STRING);
      // Insecure on loopback only, as just checked.
      const options = { allowInsecureConnection: true };
      return { name, file, table: TableClient.fromConnectionString(text, name, options) };
    }
    const endpoint = checked("TABLES_ENDPOINT", tablesEndpoint, TABLES_ENDPOINT);
    return { name, file, table: new TableClient(endpoint, name, new AzureCliCredential()) };
  });
}

/** Applies the rules of the app, which has the same settings. */
function checked(name: string, schema: typeof tableName, value: unknown): string {
  const { success, data, error } = schema.safeParse(value);
  return success ? data : fail(`${name} ${error.issues[0]?.message}.`);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { changed: { type: "string" }, local: { type: "boolean" } },
    });
  } catch {
    fail(usage);
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
