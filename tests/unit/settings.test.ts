import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { settingsSchema } from "../../src/settings/settings.ts";

const read = (file: string) => readFile(join(import.meta.dirname, "../..", file), "utf8");
const names = Object.keys(settingsSchema.shape);

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
