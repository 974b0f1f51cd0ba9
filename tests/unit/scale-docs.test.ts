import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../../tools/repository.ts";
import { monthSeconds } from "../../tools/scale/bill.ts";
import { limits } from "../../tools/scale/limit-rows.ts";
import {
  cachedAgents,
  graphUnits,
  instanceSizes,
  regionCores,
  removalRunSeconds,
  tableLimits,
  unitsOfRead,
} from "../../tools/scale/limits.ts";
import { type Load, SESSION_PARTITIONS } from "../../tools/scale/load.ts";
import { operationsOfRemoval, requests } from "../../tools/scale/operations.ts";
import { parseLoad } from "../../tools/scale/options.ts";
import { prices } from "../../tools/scale/prices.ts";
import { scaleTables } from "../../tools/scale/scale-tables.ts";

const read = (name: string) => readFileSync(join(repositoryRoot, "docs", name), "utf8");
const guide = read("SCALE.md");
const cells = (line: string) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
/** The row of the guide that begins with these words. */
const row = (first: string, text = guide) =>
  cells(text.split("\n").find((line) => line.startsWith(`| ${first}`)) ?? "");

const examples = [...guide.matchAll(/```sh local\nnpm run scale -- (.+)\n```\n\n((?:\|.*\n|\n)+)/g)].map(
  ([, args = "", shown = ""]) => ({ args, shown: shown.trim() }),
);

test("the guide has a small, a medium and a large load", () => {
  expect(examples).toHaveLength(3);
});

test.each(examples)("npm run scale -- $args prints what the guide shows", ({ args, shown }) => {
  expect(shown).toBe(scaleTables(parseLoad(args.split(" ")) as Load));
});

const number = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: 6 });
const sizes = Object.values(instanceSizes);

describe("the guide's numbers are the model's:", () => {
  test.each([
    ["Graph, for an application", Object.values(graphUnits)],
    ["a read of one application", [unitsOfRead]],
    ["Table Storage, a partition", [tableLimits.partition]],
    ["Table Storage, an account", [tableLimits.account]],
    ["requests at once", sizes.map(({ concurrency }) => concurrency)],
    ["cores of 512", sizes.map(({ cores }) => cores)],
    ["cores of a subscription", [regionCores]],
    [
      "Functions, on demand",
      [prices.gbSecond, prices.freeGbSeconds, prices.millionExecutions, prices.freeExecutions],
    ],
    ["tables |", [prices.tenThousandTableOperations, 10_000, prices.tableGb]],
    ["logs |", [prices.logGb, prices.freeLogGb]],
    ["alert rules", [prices.alertRules]],
    ["agents that an instance keeps", [cachedAgents]],
    ["partitions of an agent's sessions", [SESSION_PARTITIONS]],
    ["longest run of the timer", [removalRunSeconds]],
    ["an agent registers", [requests.agentRegistered.tables]],
    ["a session is started", [requests.sessionStarted.tables]],
    ["a start is refused", [requests.startDenied.tables]],
    ["an evaluation, a search", [requests.evaluationDenied.tables]],
    ["a list of sessions", [requests.sessionsListed.tables]],
    [
      "the hourly timer",
      [operationsOfRemoval(0, []), operationsOfRemoval(1, []) - operationsOfRemoval(0, [])],
    ],
  ])("%s", (first, values) => {
    const said = (row(first)[1] ?? "")
      .match(/\d[\d,]*(\.\d+)?/g)
      ?.map((text) => Number(text.replaceAll(",", "")));
    // Units of time, such as in 10 s, stand behind the numbers.
    expect(said?.slice(0, values.length).map(number)).toEqual(values.map(number));
  });
});

test.each([
  ["1 million", 1e6, 2],
  ["100 million", 100e6, 3],
])("%s starts a month cost the same here and in the deployment guide", (_, starts, column) => {
  const tables = scaleTables(parseLoad(["--starts-per-second", (starts / monthSeconds).toFixed(12)]) as Load);
  const [, section = ""] = read("deploy.md").split("\n## What it costs\n\n");
  const costs = section.slice(0, section.indexOf("\n\n")).split("\n").slice(2);
  expect(costs).toHaveLength(7);
  for (const line of costs) {
    const [label = ""] = cells(line);
    expect(`${label} ${row(label, tables)[1]}`).toBe(`${label} ${cells(line)[column]}`);
  }
});

test("the guide says of each limit what to change", () => {
  const [, section = ""] = guide.split("\n## Where each limit bites, and what to change then\n\n");
  const rows = section.slice(0, section.indexOf("\n\n")).split("\n").slice(2);
  expect(rows).toHaveLength(limits.length);
});

test("what the guide links to is there", () => {
  const links = [...guide.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = ""]) => link);
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((link) => !existsSync(join(repositoryRoot, "docs", link)))).toEqual([]);
});
