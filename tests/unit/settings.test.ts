import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { settingsSchema } from "../../src/settings/settings.ts";

const read = (file: string) => readFile(join(import.meta.dirname, "../..", file), "utf8");
const names = Object.keys(settingsSchema.shape);
const defaults = z.partial(settingsSchema).parse({}) as Record<string, unknown>;

test("docs/settings.md has every setting with its default, in the schema's order", async () => {
  const rows = (await read("docs/settings.md")).matchAll(/^\| `([A-Z_]+)` \| (?:`(.*?)`)? ?\|/gm);
  const table = [...rows].map(([, name, byDefault]) => [name, byDefault]);
  expect(table).toEqual(names.map((name) => [name, defaults[name]?.toString()]));
});

test("local.settings.sample.json has only settings of the schema and of the host", async () => {
  const { Values } = JSON.parse(await read("local.settings.sample.json")) as {
    Values: Record<string, string>;
  };
  const platform = [
    "FUNCTIONS_WORKER_RUNTIME",
    "AzureWebJobsStorage",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
  ];
  const own = Object.keys(Values).filter((name) => !platform.includes(name));
  // Azurite is reached by connection string, and Azure by the endpoint.
  expect([...own, "TABLES_ENDPOINT"].sort()).toEqual([...names].sort());
});
