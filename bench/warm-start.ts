import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appSettings } from "../dev/stack/app-settings.ts";
import { CLIENT } from "../tests/support/app-registration.ts";
import { type Service, startService } from "../tests/support/service.ts";
import { distDirectory } from "../tools/repository-paths.ts";
import type { Bench, Comparison } from "./bench-types.ts";
import { makeEmptyApp } from "./cold-start/apps.ts";
import { compare, median } from "./measure/statistics.ts";
import { columns, short } from "./report/table.ts";
import { type Case, cachedCases, coldCase, registrationOf } from "./warm-start/cases.ts";
import type { Measured } from "./warm-start/measuring-job.ts";
import { runJob } from "./warm-start/run-measuring-job.ts";

const FULL = { atOnce: [1, 10, 50], rounds: 9, batch: 200, warmUp: 1_200 };
const SHORT = { atOnce: [1, 10], rounds: 2, batch: 20, warmUp: 10 };

/** How much longer than the same round trips in an empty function a start may take, as the median. */
const goalOf = (atOnce: number) => ({ atMost: atOnce === 1 ? 1.1 : 1.3 });

/** Measures a warm start, from request to answer, beside the same round trips in an empty function. */
export const warmStart: Bench = {
  name: "warm-start",
  run: async ({ isShort, progress }) => {
    await using parts = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "lkps-bench-"));
    parts.defer(() => rm(folder, { recursive: true, force: true }));
    const service = await startService({ applications: cachedCases.map(registrationOf) });
    parts.defer(() => service.close());
    for (const one of cachedCases) await register(service, one);
    // This app only registered the agents. The measuring process loads its own.
    await service.stack.killApp();

    const { entra, azurite } = service.stack;
    // One caller makes all requests; without a cache, each reads from Graph.
    const settings = { ...appSettings(entra, azurite), GRAPH_READS_PER_CALLER: "10000" };
    const effort = isShort ? SHORT : FULL;
    const job = {
      ...effort,
      appDirectory: distDirectory,
      emptyApp: await makeEmptyApp(folder),
      caller: CLIENT,
    };
    const run = async (cases: readonly Case[], cacheSeconds: string) => {
      const all: Measured[] = [];
      for await (const one of runJob({ ...job, cases }, { ...settings, GRAPH_CACHE_SECONDS: cacheSeconds })) {
        progress(`${one.name}, ${one.atOnce} at a time`);
        all.push(one);
      }
      return all;
    };
    const cached = await run(cachedCases, "3600");
    // The stand-in reads its whole directory for each answer, so it gets this agent only.
    await service.setDirectory([registrationOf(coldCase)]);
    const cold = await run([coldCase], "0");
    return {
      comparisons: [
        ...cached.flatMap((one) => comparisonsOf(one, "read and insert in an empty function", true)),
        ...cold.flatMap((one) => comparisonsOf(one, "read, Graph, and insert in an empty function", false)),
      ],
      notes: [functionTable([...cached, ...cold]), orderNote(cached)],
    };
  },
};

async function register(service: Service, { agent, optsOut }: Case): Promise<void> {
  const body = { service_config: { enforce_client_authz: optsOut !== true } };
  const answer = await service.call("POST", "/api/agent/register", { caller: agent, body });
  if (answer.status !== 201) throw new Error(`The agent was not registered: ${answer.text}`);
}

function comparisonsOf({ name, atOnce, sides }: Measured, beside: string, hasGoal: boolean): Comparison[] {
  return (["p50", "p99"] as const).map((figure) =>
    compare(
      { what: `${name}, ${atOnce} at a time, ${figure}`, beside, unit: "ms" },
      sides.lkps[figure],
      sides.function[figure],
      hasGoal && figure === "p50" ? goalOf(atOnce) : undefined,
    ),
  );
}

/** Shows how much of each request `@azure/functions` takes: no app on Azure Functions can do without it. */
function functionTable(all: readonly Measured[]): string {
  const rows = all.map(({ name, atOnce, sides }) => [
    name,
    String(atOnce),
    ...(["lkps", "function", "bare"] as const).map((side) => short(median(sides[side].p50))),
  ]);
  const head = ["p50, ms", "at a time", "LKPS", "round trips in an empty function", "round trips alone"];
  return columns([head, ...rows]);
}

/** Shows whether the order within a round matters, because of the garbage collector or Azurite. */
function orderNote(measured: readonly Measured[]): string {
  const ratios: Record<"first" | "second", number[]> = { first: [], second: [] };
  for (const { sides } of measured) {
    for (const [round, ms] of sides.lkps.p50.entries()) {
      ratios[round % 2 === 0 ? "first" : "second"].push(ms / (sides.function.p50[round] ?? Number.NaN));
    }
  }
  const [first, second] = [short(median(ratios.first)), short(median(ratios.second))];
  return `The median of all p50 ratios is ${first} where LKPS went first in a round, ${second} where it went second.`;
}
