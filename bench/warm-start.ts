import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appSettings } from "../dev/stack/app-settings.ts";
import { CLIENT } from "../tests/support/app-registration.ts";
import { type Service, startService } from "../tests/support/service.ts";
import { distDirectory } from "../tools/repository.ts";
import type { Bench, Comparison } from "./bench-types.ts";
import { makeEmptyApp } from "./cold-start/apps.ts";
import { compare, median } from "./measure/figures.ts";
import { columns, short } from "./report/table.ts";
import { type Case, cachedCases, coldCase, registrationOf } from "./warm-start/cases.ts";
import type { Measured, Side } from "./warm-start/job.ts";
import { runJob } from "./warm-start/run-job.ts";

const FULL = { atOnce: [1, 10, 50], rounds: 9, batch: 200, warmUp: 1_200 };
const SHORT = { atOnce: [1, 10], rounds: 2, batch: 20, warmUp: 10 };

/** How many times the bare round trips a start may take. With Graph in it there is no goal. */
const GOALS = { p50: { atMost: 1.15 }, p99: { atMost: 1.5 } };

/** From the request into the warm app to the answer, beside the round trips it must make, by the SDKs alone. */
export const warmStart: Bench = {
  name: "warm-start",
  run: async ({ isShort, progress }) => {
    await using parts = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "lkps-bench-"));
    parts.defer(() => rm(folder, { recursive: true, force: true }));
    const service = await startService({ applications: cachedCases.map(registrationOf) });
    parts.defer(() => service.close());
    for (const one of cachedCases) await register(service, one);
    // The app that registered the agents has done its part; the one that is measured is in the measuring process.
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
    // The stand-in reads its whole directory for each answer: no more than it is asked for.
    await service.setDirectory([registrationOf(coldCase)]);
    const cold = await run([coldCase], "0");
    return {
      comparisons: [
        ...cached.flatMap((one) => comparisonsOf(one, "bare read, insert", GOALS)),
        ...cold.flatMap((one) => comparisonsOf(one, "bare read, Graph, insert", {})),
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

function comparisonsOf(
  { name, atOnce, sides }: Measured,
  beside: string,
  goals: Partial<typeof GOALS>,
): Comparison[] {
  return (["p50", "p99"] as const).map((figure) =>
    compare(
      { what: `${name}, ${atOnce} at a time, ${figure}`, beside, unit: "ms" },
      sides.lkps[figure],
      sides.bare[figure],
      goals[figure],
    ),
  );
}

/** What no app on Azure Functions can do without: the platform's library takes its part of each request. */
function functionTable(all: readonly Measured[]): string {
  const rows = all.map(({ name, atOnce, sides }) => {
    const ratioTo = (side: Side) =>
      short(median(sides.lkps.p50.map((ms, round) => ms / (sides[side].p50[round] ?? Number.NaN))));
    const ms = (["lkps", "function", "bare"] as const).map((side) => short(median(sides[side].p50)));
    return [name, String(atOnce), ...ms, ratioTo("function"), ratioTo("bare")];
  });
  const head = [
    "p50, ms",
    "at a time",
    "LKPS",
    "round trips in a function",
    "bare round trips",
    "ratio to the one",
    "to the other",
  ];
  return `Beside the same round trips and an invocation of an empty function, which is \`@azure/functions\` alone:\n\n${columns([head, ...rows])}`;
}

/** Whoever goes second could find the garbage collector, or Azurite, in another state: it is to be seen. */
function orderNote(measured: readonly Measured[]): string {
  const ratios: Record<"first" | "second", number[]> = { first: [], second: [] };
  for (const { sides } of measured) {
    for (const [round, ms] of sides.lkps.p50.entries()) {
      ratios[round % 2 === 0 ? "first" : "second"].push(ms / (sides.bare.p50[round] ?? Number.NaN));
    }
  }
  const [first, second] = [short(median(ratios.first)), short(median(ratios.second))];
  return `The median of all p50 ratios is ${first} where LKPS went first in a round, ${second} where it went second.`;
}
