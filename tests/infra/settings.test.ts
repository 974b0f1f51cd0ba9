import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { settingsSchema } from "../../src/settings/settings.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { hostSettings } from "./policies/settings.ts";

// By the sources alone, so that it holds without a Bicep CLI too; policies/settings.ts asks the compiled template.

const read = (...path: string[]) => readFileSync(join(repositoryRoot, ...path), "utf8");
const names = Object.keys(settingsSchema.shape);
const app = read("infra", "app.bicep");

/** The settings that a template makes, in its order, with their values: the members of an object of app.bicep. */
function settingsIn(object: string): Map<string, string> {
  const body = new RegExp(`var ${object} = \\{\\n([\\s\\S]*?)\\n\\}`).exec(app)?.[1] ?? "";
  return new Map([...body.matchAll(/^ {2}(\w+): (.*)/gm)].map(([, name = "", value = ""]) => [name, value]));
}

test("the template makes the settings of the schema, and those of the host", () => {
  // In Azure the tables are reached by their endpoint; on one machine, Azurite's by a connection string.
  expect([...settingsIn("serviceAppSettings").keys()]).toEqual(
    names.filter((name) => name !== "TABLES_CONNECTION_STRING"),
  );
  expect([...settingsIn("hostAppSettings").keys()]).toEqual(hostSettings);
});

const rows = [
  ...read("docs", "settings.md").matchAll(/^\| `([A-Z_]+)` \| (?:`(.*?)`)? ?\| .* \| (.*) \|$/gm),
].map(([, name = "", byDefault, place = ""]) => ({ name, byDefault, place }));

test("the guide has every setting with its default, in the schema's order", () => {
  const defaults = z.partial(settingsSchema).parse({}) as Record<string, unknown>;
  expect(rows.map(({ name, byDefault }) => [name, byDefault])).toEqual(
    names.map((name) => [name, defaults[name]?.toString()]),
  );
});

test.each(rows)("$name is where the guide says: $place", ({ name, place }) => {
  const parameters = read("infra", "main.bicepparam");
  const value = settingsIn("serviceAppSettings").get(name) ?? "";
  const member = /^`settings\.(\w+)`$/.exec(place)?.[1];
  const isVariable = place.startsWith(`variable \`${name}\``);
  expect(parameters.includes(`readEnvironmentVariable('${name}'`)).toBe(isVariable);
  if (member !== undefined) {
    expect(value).toContain(`settings.?${member} ??`);
    expect(read("infra", "types.bicep")).toContain(`  ${member}: `);
  } else if (!isVariable) {
    expect(value).not.toContain("settings.");
    expect(["set by the deployment", "not in Azure"]).toContain(place);
  }
});
