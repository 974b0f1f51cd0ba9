import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { settingsSchema } from "../../src/settings/settings.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { billOf, defaults, limitsOf, parseLoad, scaleTables } from "../../tools/scale.ts";

test("its defaults are those of the settings and of the template", () => {
  const { GRAPH_CACHE_SECONDS, LIVE_SESSION_CHECK_SECONDS, SESSION_RETENTION_DAYS } = settingsSchema.shape;
  expect(GRAPH_CACHE_SECONDS.parse(undefined)).toBe(defaults.cacheSeconds);
  expect(LIVE_SESSION_CHECK_SECONDS.parse(undefined)).toBe(defaults.checkSeconds);
  expect(SESSION_RETENTION_DAYS.parse(undefined)).toBe(defaults.retentionDays);
  const template = readFileSync(join(repositoryRoot, "infra", "modules", "function-app.bicep"), "utf8");
  expect(template).toContain(`plan.?instanceMemoryMB ?? ${defaults.memoryMb}`);
  expect(template).toContain(`plan.?maximumInstanceCount ?? ${defaults.maxInstances}`);
});

test("the alert rules are those of the template", () => {
  const template = readFileSync(join(repositoryRoot, "infra", "modules", "alerts.bicep"), "utf8");
  const frequencies = [...template.matchAll(/evaluationFrequency: 'PT(\d+)M'/g)].map(([, minutes]) =>
    Number(minutes),
  );
  const prices = frequencies.map((minutes): number => (minutes < 15 ? 1.5 : 0.5));
  expect(billOf(defaults)["Alert rules"]).toBe(prices.reduce((sum, price) => sum + price));
});

const guide = readFileSync(join(repositoryRoot, "docs/SCALE.md"), "utf8");

test("docs/SCALE.md's three loads reach the limit and cost what it says", () => {
  const example = /```sh local\nnpm run scale -- (.*)\n```/.exec(guide)?.[1] ?? "";
  const rows = [
    ...guide.matchAll(/^\| (?:small|medium|large) \| (.*?) \| (.*?), ([\d.]+)% \| \$([\d,]+) \|/gm),
  ];
  expect(rows.length).toBe(3);
  for (const [, args = "", limit, percent, cost] of rows) {
    const load = parseLoad((args === "as above" ? example : args.replaceAll("`", "")).split(" "));
    const [first = ["", 0, 1] as const] = limitsOf(load);
    expect([first[0], ((first[1] / first[2]) * 100).toPrecision(3)]).toEqual([
      limit,
      Number(percent).toPrecision(3),
    ]);
    expect(Math.round(billOf(load)["**Total**"] ?? 0).toLocaleString("en-US")).toBe(cost);
  }
});

test("docs/SCALE.md shows what its command prints", () => {
  const [, args = ""] = /```sh local\nnpm run scale -- (.*)\n```/.exec(guide) ?? [];
  expect(guide).toContain(`\n\n${scaleTables(parseLoad(args.split(" ")))}\n`);
});

test("docs/SCALE.md lists every argument with its default", () => {
  const rows = [...guide.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, name = "", value]) => [
    name,
    Number(value),
  ]);
  expect(Object.fromEntries(rows)).toEqual(defaults);
});

test("an argument that is not a known name with a number is rejected", () => {
  for (const wrong of [
    "starts=1",
    "agents",
    "agents=x",
    "agents=-1",
    "agents=",
    "agents=0",
    "deniedPercent=101",
    "--help",
  ])
    expect(() => parseLoad([wrong])).toThrow(wrong);
});
