import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Comparison } from "../../bench/bench-types.ts";
import { startChild } from "../../dev/stack/child-process.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";

// Checks that the benches run and report everything. For the figures themselves, run `npm run bench` on a quiet machine.

let folder: string;
let comparisons: Comparison[];
const lines: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lkps-bench-"));
  const json = join(folder, "bench.json");
  const child = startChild(join(repositoryRoot, "bench", "bench.ts"), {
    args: ["--short", "--built", "--json", json],
    env: process.env as Record<string, string>,
    cwd: repositoryRoot,
    onLine: (line) => lines.push(line),
  });
  expect((await child.exited).code, lines.join("\n")).toBe(0);
  ({ comparisons } = JSON.parse(await readFile(json, "utf8")));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("each figure is measured beside another, and its goal is a ratio", () => {
  for (const { what, figure, besideFigure, ratio, spread, goal } of comparisons) {
    for (const each of [figure, besideFigure, ratio, ...spread]) expect(each, what).toBeGreaterThan(0);
    const [, sign, bound] = /^([≤≥]) ([\d.]+)$/.exec(goal?.text ?? "≥ 0") ?? [];
    expect(goal?.met ?? true, what).toBe(sign === "≤" ? ratio <= Number(bound) : ratio >= Number(bound));
  }
});

test.each([
  ["cold-start", 2],
  ["warm-start", 16],
])("%s has its rows, in the table too", (bench, rows) => {
  expect(comparisons.filter((comparison) => comparison.bench === bench).length).toBe(rows);
  expect(lines.filter((line) => line.startsWith(`| ${bench} `)).length).toBe(rows);
});

test("the check of live sessions has a row", () => {
  expect(lines).toContainEqual(expect.stringMatching(/^\| 20 +\| 1 +\| \d+ ms +\| (\d+(, | ms)){3} *\|$/));
});

test("progress is shown while they run", () => {
  expect(lines.filter((line) => /^[\w-]+: done in \d+ s$/.test(line)).length).toBeGreaterThan(0);
});
