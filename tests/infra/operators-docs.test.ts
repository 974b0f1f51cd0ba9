import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { problemTypes } from "../../src/contract/problem-types.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";

const guide = await readFile(join(repositoryRoot, "docs/operators.md"), "utf8");
const section = guide.split("\n## Every code, and what you do\n")[1]?.split("\n## ")[0] ?? "";
const rows = section
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .flatMap(([, codes = "", statuses = "", todo = ""]) => {
    const all = statuses.split(", ");
    // A status for each code, or one for all.
    return [...codes.matchAll(/`(\w+)`/g)].map(([, code = ""], n) => [code, all[n] ?? all[0], todo] as const);
  });

test("the operators' guide says what to do for every code, once and with its status", () => {
  const inGuide = rows.map(([code, status]) => `${code} ${status}`);
  const codes = Object.entries(problemTypes).map(([code, { status }]) => `${code} ${status}`);
  // The code of a decision, and that of the gateway.
  expect(inGuide.sort()).toEqual([...codes, "not_applicable 200", "bad_gateway 502"].sort());
  expect(rows.filter(([, , todo]) => todo === "")).toEqual([]);
});

test("the monitoring guide explains every alert by its display name", async () => {
  const monitoring = await readFile(join(repositoryRoot, "docs/monitoring.md"), "utf8");
  const template = await readFile(join(repositoryRoot, "infra/modules/alerts.bicep"), "utf8");
  const explained = [...monitoring.matchAll(/^\| \*\*(.*?)\*\* \|/gm)].map(([, name]) => name);
  expect(explained).toEqual([...template.matchAll(/displayName: '(.*)'/g)].map(([, name]) => name));
});
