import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { partitionKeysOf } from "../../src/adapters/tables/session-keys.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { settingsSchema } from "../../src/settings/settings.ts";
import { repositoryRoot } from "../../tools/repository.ts";
import { instancesFor } from "../../tools/scale/instances.ts";
import { limits, reachedAt } from "../../tools/scale/limit-rows.ts";
import { cachedAgents, removalRunSeconds } from "../../tools/scale/limits.ts";
import { defaultLoad, SESSION_PARTITIONS } from "../../tools/scale/load.ts";
import { usageOf } from "../../tools/scale/model.ts";
import { PAGE, TRANSACTION } from "../../tools/scale/operations.ts";
import { parseLoad } from "../../tools/scale/options.ts";
import { AGENT } from "../support/app-registration.ts";

const code = globSync("src/**/*.ts", { cwd: repositoryRoot })
  .map((file) => readFileSync(join(repositoryRoot, file), "utf8"))
  .join("\n");
const template = readFileSync(join(repositoryRoot, "infra", "modules", "function-app.bicep"), "utf8");

describe("what the model takes from the code is what the code says:", () => {
  const numbers = { cachedAgents, PAGE, TRANSACTION, removalRunSeconds };
  test.each([
    ["cachedAgents", "MAX_CACHED_APPLICATIONS = 1_000;"],
    ["PAGE", "PAGE_LIMIT = 1_000;"],
    ["TRANSACTION", "TRANSACTION_LIMIT = 100;"],
    ["removalRunSeconds", "MAX_RUN_MS = 20 * 60_000;"],
  ] as const)("%s", (name, statement) => {
    expect(code).toContain(statement);
    const factors = statement.replace(/.*= |[_;]/g, "").split(" * ");
    const value = factors.reduce((product, factor) => product * Number(factor), 1);
    expect(numbers[name]).toBe(name === "removalRunSeconds" ? value / 1_000 : value);
  });

  test("an agent's partitions of sessions", () => {
    expect(partitionKeysOf(AGENT as ClientId)).toHaveLength(SESSION_PARTITIONS);
  });

  test("the settings' and the template's defaults", () => {
    const { GRAPH_CACHE_SECONDS, SESSION_RETENTION_DAYS } = settingsSchema.shape;
    expect(GRAPH_CACHE_SECONDS.parse(undefined)).toBe(defaultLoad.cacheSeconds);
    expect(SESSION_RETENTION_DAYS.parse(undefined)).toBe(defaultLoad.retentionDays);
    expect(template).toContain(`plan.?instanceMemoryMB ?? ${defaultLoad.memoryMb}`);
    expect(template).toContain(`plan.?maximumInstanceCount ?? ${defaultLoad.maxInstances}`);
  });
});

test.each([
  { rate: 0, memoryMb: 2048, concurrency: 0, instances: 1 },
  // 16 at once on average, 28 at times.
  { rate: 320, memoryMb: 2048, concurrency: 0, instances: 2 },
  { rate: 320, memoryMb: 512, concurrency: 0, instances: 7 },
  { rate: 320, memoryMb: 4096, concurrency: 0, instances: 1 },
  { rate: 320, memoryMb: 2048, concurrency: 28, instances: 1 },
  { rate: 320, memoryMb: 2048, concurrency: 27, instances: 2 },
] as const)(
  "$rate requests of 50 ms a second on $memoryMb MB, $concurrency at once: $instances instances",
  ({ rate, instances, ...load }) => {
    expect(instancesFor({ ...defaultLoad, ...load }, rate)).toBe(instances);
  },
);

const loads = [
  defaultLoad,
  { ...defaultLoad, agents: 500, busiestPercent: 20, deniedPercent: 5, probesPerSecond: 1 },
];
test.each(limits)(
  "$name: is kept just below the starts at which it is said to be reached, and no more from there",
  (limit) => {
    const reached = loads.flatMap((load) => {
      const at = reachedAt(limit, load);
      return at === undefined ? [] : [{ load, at }];
    });
    // The cache's size is a matter of agents, and no number of starts fills it.
    expect(reached.length).toBe(limit.name.includes("cache") ? 0 : loads.length);
    for (const { load, at } of reached) {
      const usedAt = (startsPerSecond: number) => {
        const other = { ...load, startsPerSecond };
        return limit.used(usageOf(other), other) / limit.limit(other);
      };
      expect(usedAt(at)).toBeGreaterThan(1);
      expect(usedAt(at * 0.998)).toBeLessThanOrEqual(1);
    }
  },
);

test("evaluations and probes ask too: a registration each, and Graph as starts and denials do", () => {
  const idle = usageOf({ ...defaultLoad, startsPerSecond: 0 });
  const asked = usageOf({
    ...defaultLoad,
    startsPerSecond: 0,
    evaluationsPerSecond: 5,
    probesPerSecond: 3,
    cacheSeconds: 0,
  });
  expect(asked.tableOperations - idle.tableOperations).toBeCloseTo(8);
  expect(asked.graphReads).toBe(8);
  expect(asked.registrationPartition).toBeCloseTo(0.5);
});

test.each([
  ["--starts-per-second", "many"],
  ["--starts-per-second", "-1"],
  ["--agents", "0"],
  ["--agents", "1.5"],
  ["--denied-percent", "101"],
  ["--memory-mb", "1024"],
  ["--tenant", "XL"],
  ["--duration-ms", "0"],
  ["--no-such-option", "1"],
])("%s %s is refused", (...args) => {
  expect(() => parseLoad(args)).toThrow(args[0]);
});

test("options change the load that they name, and nothing else", () => {
  expect(parseLoad(["--agents", "7", "--tenant", "M", "--memory-mb", "512"])).toEqual({
    ...defaultLoad,
    agents: 7,
    tenant: "M",
    memoryMb: 512,
  });
  expect(parseLoad(["--help"])).toBeNull();
});
