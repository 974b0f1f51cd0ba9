import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { settingsSchema } from "../../src/settings/settings.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import {
  billOf,
  defaults,
  graphReads,
  limitsOf,
  parseLoad,
  scaleTables,
  usageOf,
} from "../../tools/scale.ts";

test("its defaults are those of the settings and of the template", () => {
  const { GRAPH_CACHE_SECONDS, LIVE_SESSION_CHECK_SECONDS, SESSION_RETENTION_DAYS } = settingsSchema.shape;
  expect(GRAPH_CACHE_SECONDS.parse(undefined)).toBe(defaults.cacheSeconds);
  expect(LIVE_SESSION_CHECK_SECONDS.parse(undefined)).toBe(defaults.checkSeconds);
  expect(SESSION_RETENTION_DAYS.parse(undefined)).toBe(defaults.retentionDays);
  const template = readFileSync(join(repositoryRoot, "infra", "modules", "function-app.bicep"), "utf8");
  expect(template).toContain(`plan.?instanceMemoryMB ?? ${defaults.memoryMb}`);
  expect(template).toContain(`plan.?maximumInstanceCount ?? ${defaults.maxInstances}`);
});

const uncached = { cacheSeconds: 0 };

// The expected numbers are computed by hand from the formulas in docs/SCALE.md.

test.each([
  // One read, then 60 s of cache, then half a second until the next of 2 requests/s.
  { allowed: 2, denied: 0, cacheSeconds: 60, instances: 1, reads: 1 / 60.5 },
  // One read, a second in which nobody needs another, 0.2 s until the next denial.
  { allowed: 0, denied: 5, cacheSeconds: 60, instances: 1, reads: 1 / 1.2 },
  { allowed: 0, denied: 5, cacheSeconds: 60, instances: 5, reads: 5 / 2 },
  // 1 + (1 − 0.367879) + 0.367879 / 2
  { allowed: 1, denied: 1, cacheSeconds: 2, instances: 1, reads: 1 / 1.81606 },
  { allowed: 3, denied: 2, cacheSeconds: 0, instances: 4, reads: 5 },
  { allowed: 0, denied: 0, cacheSeconds: 60, instances: 1, reads: 0 },
])(
  "$allowed allowed and $denied denied requests/s, cached for $cacheSeconds s on $instances instances: $reads reads/s",
  ({ allowed, denied, cacheSeconds, instances, reads }) => {
    expect(graphReads(allowed, denied, cacheSeconds, instances)).toBeCloseTo(reads, 5);
  },
);

test.each([
  [{ startsPerSecond: 0 }, { instances: 1, tableOperations: 0, graphUnits: 0 }],
  // 16 at once on average and 28 at most; an instance of 2 GB serves 16.
  [{ startsPerSecond: 320 }, { instances: 2, tableOperations: 640, registrationPartition: 32 }],
  [{ startsPerSecond: 320, memoryMb: 512 }, { instances: 7 }],
  [{ startsPerSecond: 320, memoryMb: 4096 }, { instances: 1 }],
  [
    { startsPerSecond: 160, busiestPercent: 50 },
    { registrationPartition: 80, sessionPartition: 5 },
  ],
  [
    { startsPerSecond: 10, deniedPercent: 100 },
    { tableOperations: 10, graphUnitsIfDenied: 10 },
  ],
  [
    { startsPerSecond: 20, evaluationsPerSecond: 5 },
    { tableOperations: 45, graphUnitsIfDenied: 10 },
  ],
  // Without a cache, a tenth of the starts take three requests each.
  [
    { startsPerSecond: 10, agentIdentityPercent: 10, ...uncached },
    { graphUnits: 12, graphUnitsIfDenied: 12 },
  ],
  // Nothing is live: a query each minute.
  [
    { startsPerSecond: 0 },
    { checks: 1 / 60, checkOperations: 1 / 60, checkUnits: 0, secondsPerCheck: 1, changeOperations: 0 },
  ],
  // 3,000 live sessions, and 7,200 that are over: 11.2 pages and 10 registrations, and 10 agents at Graph. Each session
  // changes twice and is moved.
  [
    { startsPerSecond: 10 },
    {
      checkOperations: 21.2 / 60,
      checkUnits: 10,
      secondsPerCheck: 2,
      changeOperations: 70,
      changeWrites: 40,
    },
  ],
  // At most 1,000 requests in 10 s.
  [{ startsPerSecond: 1_000, agents: 600, agentIdentityPercent: 100 }, { checkUnits: 1_000 }],
  [
    { startsPerSecond: 10, webhooksPerSession: 10, checkSeconds: 0 },
    { requests: 110, changeOperations: 150, changeWrites: 80, checkOperations: 0, checkUnits: 0 },
  ],
  // No sessions: two queries of 10 ms for each of ten agents.
  [
    { startsPerSecond: 0, cacheSeconds: 0 },
    { removalSeconds: 0.2, graphUnitsIfDenied: 0 },
  ],
])("a load of %o uses %o", (load, expected) => {
  const usage: Record<string, number> = usageOf({ ...defaults, ...load });
  for (const [name, value] of Object.entries(expected)) expect(usage[name], name).toBeCloseTo(value, 6);
});

test("a month of 100 denied starts per second costs what the prices say", () => {
  const bill = billOf({ ...defaults, startsPerSecond: 100, deniedPercent: 100, checkSeconds: 0 });
  // 2 GB for 2,628,730 s less 100,000 GB-s at $0.000026, and 262.55 million executions at $0.40.
  expect(bill["Functions"]).toBeCloseTo(134.094 + 105.02, 2);
  // 262.8 million operations at $0.036.
  expect(bill["Table Storage"]).toBeCloseTo(9.4608, 4);
  // 4 KB each less 5 GB, and 2.5 KB each, at $2.30.
  expect(bill["Application Insights"]).toBeCloseTo(1_046.2 * 2.3, 2);
  expect(bill["Host log (`logs.functionAppLogs`)"]).toBeCloseTo(657 * 2.3, 2);
  expect(bill["Storage log (`logs.storage`)"]).toBe(0);
});

test("logs that are kept longer than the free period cost $0.10 per GB and month", () => {
  const month = { ...defaults, startsPerSecond: 1e6 / (730 * 3_600), checkSeconds: 0 };
  expect(billOf({ ...month, logRetentionDays: 31 })["Log retention"]).toBe(0);
  // 59 days of 2.5 and, with the move to the archive, 3.6 GB.
  expect(billOf({ ...month, logRetentionDays: 90 })["Log retention"]).toBeCloseTo((59 / 30) * 0.61, 6);
  // And 30 days of the 4 GB that were free before.
  expect(billOf({ ...month, logRetentionDays: 120 })["Log retention"]).toBeCloseTo((89 / 30) * 0.61 + 0.4, 6);
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
