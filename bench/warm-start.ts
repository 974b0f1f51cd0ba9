import { fork } from "node:child_process";
import { on } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appSettings } from "../dev/stack/app-settings.ts";
import { baseEnvironment } from "../dev/stack/base-environment.ts";
import { startService } from "../tests/support/service.ts";
import { distDirectory } from "../tools/repository-paths.ts";
import type { Bench, Comparison } from "./bench-types.ts";
import { makeEmptyApp } from "./cold-start/apps.ts";
import { compare } from "./measure/statistics.ts";
import { cachedCases, registrationOf } from "./warm-start/cases.ts";
import type { Job, Measured } from "./warm-start/measure.ts";

const FULL = { atOnce: [1, 10, 50], rounds: 9, batch: 200, warmUp: 1_200 };
const SHORT = { atOnce: [1, 10], rounds: 2, batch: 20, warmUp: 10 };

/** How much longer than the same round trips in an empty function a start may take, as the median. */
const goalOf = (atOnce: number) => (atOnce === 1 ? 1.1 : 1.3);

/** Measures a warm start, from request to answer, beside the same round trips in an empty function. */
export const warmStart: Bench = {
  name: "warm-start",
  run: async ({ isShort, progress }) => {
    await using parts = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "lkps-bench-"));
    parts.defer(() => rm(folder, { recursive: true, force: true }));
    const service = await startService({ applications: cachedCases.map(registrationOf) });
    parts.defer(() => service.close());
    for (const { agent: caller, optsOut } of cachedCases) {
      const body = { service_config: { enforce_client_authz: optsOut !== true } };
      const answer = await service.call("POST", "/api/agent/register", { caller, body });
      if (answer.status !== 201) throw new Error(`The agent was not registered: ${answer.text}`);
    }
    // This app only registered the agents. The measuring process loads its own.
    await service.stack.killApp();

    const settings = appSettings(service.stack.entra, service.stack.azurite);
    const job = {
      ...(isShort ? SHORT : FULL),
      appDirectory: distDirectory,
      emptyApp: await makeEmptyApp(folder),
    };
    const comparisons: Comparison[] = [];
    for await (const one of runJob(job, { ...settings, GRAPH_CACHE_SECONDS: "3600" })) {
      progress(`${one.name}, ${one.atOnce} at a time`);
      comparisons.push(...comparisonsOf(one));
    }
    return { comparisons, notes: [] };
  },
};

/** Runs the job in a new process, without its log. Yields results as they come. */
async function* runJob(job: Job, settings: Readonly<Record<string, string>>): AsyncGenerator<Measured, void> {
  const child = fork(join(import.meta.dirname, "warm-start", "measure.ts"), [JSON.stringify(job)], {
    execArgv: [],
    env: { ...baseEnvironment(), ...settings },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  for await (const [measured] of on(child, "message", { close: ["disconnect"] })) yield measured as Measured;
  const code = await exited;
  if (code !== 0) throw new Error(`The measuring process ended with ${code}`);
}

function comparisonsOf({ name, atOnce, sides }: Measured): Comparison[] {
  const beside = "read and insert in an empty function";
  return (["p50", "p99"] as const).map((figure) =>
    compare(
      { what: `${name}, ${atOnce} at a time, ${figure}`, beside },
      sides.lkps[figure],
      sides.function[figure],
      figure === "p50" ? goalOf(atOnce) : undefined,
    ),
  );
}
