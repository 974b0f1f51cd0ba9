import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parametersFile, snapshotFile } from "../../tools/infra/deployments.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { Deployment, type Resource } from "./deployment.ts";
import { expectations } from "./policies.ts";

const guide = readFileSync(join(repositoryRoot, "docs", "environments.md"), "utf8");

/** The rows of the table in a section, cell by cell. */
function rowsOf(title: string): string[][] {
  const section = guide.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| |"));
  return lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

// The committed snapshots, which compile.test.ts holds equal to the templates: this needs no compiler.
const deployments = ["np", "prod"].map((environment) => {
  const expected = expectations.find((one) => one.environment === environment);
  if (expected === undefined) throw new Error(`${environment} has no policies`);
  return new Deployment(expected, readFileSync(snapshotFile(environment), "utf8"), "{}");
});
const inBoth = (read: (deployment: Deployment) => string) => deployments.map(read);

/** A name without the part that Azure derives from the subscription: 13 characters, or fewer if the name would be too long. */
const named = ({ name }: Resource) => `\`${name.replace(/[a-z0-9]{11,13}$/, "…")}\``;
const workflow = (file: string) => readFileSync(join(repositoryRoot, ".github", "workflows", file), "utf8");
const scaleOf = ({ app }: Deployment) => app["properties"].functionAppConfig.scaleAndConcurrency;
const quota = (gigabytes: number) => (gigabytes === -1 ? "no limit" : `${gigabytes} GB`);

test("the guide names the resources as the templates do", () => {
  const environment = (d: Deployment) => d.expected.environment;
  expect(rowsOf("Names and addresses")).toEqual([
    ["azd environment, GitHub environment", ...inBoth((d) => `\`${environment(d)}\``)],
    ["GitHub environment of the what-if", ...inBoth((d) => `\`what-if-${environment(d)}\``)],
    [
      "resource group, in `westeurope`",
      ...inBoth((d) => `\`${d.one("Microsoft.Resources/resourceGroups").name}\``),
    ],
    ["function app", ...inBoth((d) => named(d.app))],
    ["managed identity", ...inBoth((d) => named(d.identity))],
    ["storage account", ...inBoth((d) => named(d.storage))],
    ["key vault", ...inBoth((d) => named(d.vault))],
    ["workbook", ...inBoth((d) => d.one("Microsoft.Insights/workbooks")["properties"].displayName)],
  ]);
});

test("the workflows run in the GitHub environments that the guide names", () => {
  expect(workflow("deploy.yml")).toMatch(/environment: \$\{\{ matrix\.environment \}\}\n/);
  expect(workflow("what-if.yml")).toMatch(/environment: what-if-\$\{\{ matrix\.environment \}\}\n/);
});

test("the guide's differences are the deployments'", () => {
  expect(rowsOf("What differs").map((cells) => cells.slice(0, -1))).toEqual([
    ["memory of an instance", ...inBoth((d) => `${scaleOf(d).instanceMemoryMB} MB`)],
    ["maximum number of instances", ...inBoth((d) => String(scaleOf(d).maximumInstanceCount))],
    ["storage redundancy", ...inBoth((d) => `\`${d.storage["sku"].name}\``)],
    ["log retention", ...inBoth((d) => `${d.workspace["properties"].retentionInDays} days`)],
    ["daily log quota", ...inBoth((d) => quota(d.workspace["properties"].workspaceCapping.dailyQuotaGb))],
    [
      "a deleted vault can be recovered for",
      ...inBoth((d) => `${d.vault["properties"].softDeleteRetentionInDays} days`),
    ],
    [
      "lock against deletion",
      ...inBoth((d) =>
        d.all("Microsoft.Authorization/locks").length === 2 ? "storage account and key vault" : "none",
      ),
    ],
    [
      "call of `/api/health/ready` from outside, once `PUBLIC_BASE_URL` is set",
      ...inBoth((d) => {
        const [test] = d.all("Microsoft.Insights/webtests").map(({ properties }) => properties);
        if (test === undefined) return "none";
        return `every ${test.Frequency / 60} minutes, from ${test.Locations.length} places`;
      }),
    ],
  ]);
});

test("every parameter that differs is in the guide, and no other", () => {
  const [np, prod] = ["np", "prod"].map(parametersOf);
  const names = new Set([...(np?.keys() ?? []), ...(prod?.keys() ?? [])]);
  const differing = [...names].filter((name) => np?.get(name) !== prod?.get(name));
  const inGuide = rowsOf("What differs").map((cells) => cells.at(-1)?.replaceAll("`", "") ?? "");
  expect(inGuide.sort()).toEqual(differing.sort());
});

/** The parameters of an environment, with members of objects by their path. */
function parametersOf(environment: string): Map<string, string> {
  const file = readFileSync(parametersFile, "utf8");
  const block = new RegExp(`^ {2}${environment}: \\{\\n(.*?)^ {2}\\}`, "ms").exec(file)?.[1] ?? "";
  const found = new Map<string, string>();
  let object = "";
  for (const line of block.split("\n")) {
    const [, indent, name = "", value = ""] = /^( {4}| {6})(\w+): (.*)$/.exec(line) ?? [];
    if (value === "{") object = `${name}.`;
    else if (indent !== undefined) found.set(indent.length === 4 ? name : `${object}${name}`, value);
  }
  return found;
}
