import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { settingsSchema } from "../../src/settings/settings.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { hostSettings } from "./policies/settings.ts";

const read = (...path: string[]) => readFileSync(join(repositoryRoot, ...path), "utf8");

/** The settings that a template makes, in its order: the names in the objects of app.bicep. */
function settingsIn(object: string): string[] {
  const body =
    new RegExp(`var ${object} = \\{\\n([\\s\\S]*?)\\n\\}`).exec(read("infra", "app.bicep"))?.[1] ?? "";
  return [...body.matchAll(/^ {2}(\w+):/gm)].map(([, name = ""]) => name);
}

// By the sources alone, so that it holds without a Bicep CLI too; policies/settings.ts asks the compiled template.
test("template, schema, docs/settings.md and local.settings.sample.json have the same settings", () => {
  const schema = Object.keys(settingsSchema.shape);
  const readme = [...read("docs", "settings.md").matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
  const sample = Object.keys((JSON.parse(read("local.settings.sample.json")) as Sample).Values);
  const template = settingsIn("serviceAppSettings");

  expect(readme).toEqual(schema);
  // In Azure the tables are reached by their endpoint; on one machine, Azurite's by a connection string.
  expect(template).toEqual(schema.filter((name) => name !== "TABLES_CONNECTION_STRING"));
  expect(settingsIn("hostAppSettings")).toEqual(hostSettings);
  const platform = [
    "FUNCTIONS_WORKER_RUNTIME",
    "AzureWebJobsStorage",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
  ];
  const local = sample.filter((name) => !platform.includes(name));
  expect([...local, "TABLES_ENDPOINT"].sort()).toEqual([...schema].sort());
});

interface Sample {
  readonly Values: Readonly<Record<string, string>>;
}
