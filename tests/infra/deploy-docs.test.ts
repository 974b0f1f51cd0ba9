import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { snapshotFile } from "../../tools/infra/deployments.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { billOf, parseLoad } from "../../tools/scale.ts";
import { Deployment, type Expected } from "./deployment.ts";
import { roleAssignments } from "./policies/roles.ts";
import { expectations } from "./policies.ts";

const operations = readFileSync(join(repositoryRoot, "docs", "operations.md"), "utf8");
const section = (title: string) => operations.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";

/** The guide's name for a scope, by its type. */
const scopes: Readonly<Record<string, string>> = {
  "Microsoft.Storage/storageAccounts": "storage account",
  "Microsoft.Insights/components": "Application Insights",
  "Microsoft.KeyVault/vaults/secrets": "the secret `livekit-api-secret`",
};
const rows = section("Rights of the app")
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(1)
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, role = "", scope = "", calls = ""]) => ({ role, scope, calls }));

test("the guide lists every role assignment of the template, and no other", () => {
  // The committed snapshot, which compile.test.ts holds equal to the template: this needs no compiler.
  const deployment = new Deployment(
    expectations[0] as Expected,
    readFileSync(snapshotFile("np"), "utf8"),
    "{}",
  );
  const assigned = roleAssignments(deployment).map(({ role, scope }) => ({ role, scope: scopes[scope] }));
  expect(rows.map(({ role, scope }) => ({ role, scope }))).toEqual(assigned);
});

test.each(rows)("$role: the code that needs it is where the guide says", ({ calls }) => {
  const files = [...calls.matchAll(/`(src\/[^`]+)`/g)].map(([, file = ""]) => file);
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => !existsSync(join(repositoryRoot, file)))).toEqual([]);
});

test("the guide explains every variable that the parameters read", () => {
  const parameters = readFileSync(join(repositoryRoot, "infra", "main.bicepparam"), "utf8");
  const read = [...parameters.matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(([, name = ""]) => name);
  const explained = [...section("Environments").matchAll(/^\| (`[A-Z].*?) \|/gm)]
    .flatMap(([, names = ""]) => names.split(", "))
    .map((name) => name.replaceAll("`", ""));
  expect(explained.sort()).toEqual([...new Set(read)].sort());
});

test("the guide's costs are what its commands compute", () => {
  const loads = [
    ...section("What it costs").matchAll(/^\| .*? \| `npm run scale -- (.*?)` \| \$([\d,]+) \|$/gm),
  ];
  expect(loads.length).toBe(4);
  for (const [, load = "", cost = ""] of loads) {
    const total = billOf(parseLoad(load.split(" ")))["**Total**"] ?? 0;
    expect(Math.round(total).toLocaleString("en-US"), load).toBe(cost);
  }
});
