/**
 * `npm run profile`: shows where the processor time of a cold start and of a warm start goes, by package and by
 * function, beside an empty app.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { appSettings } from "../dev/stack/app-settings.ts";
import { baseEnvironment } from "../dev/stack/base-environment.ts";
import { CLIENT } from "../tests/support/app-registration.ts";
import { startService } from "../tests/support/service.ts";
import { buildApp } from "../tools/build.ts";
import { distDirectory } from "../tools/repository-paths.ts";
import { makeEmptyApp, makeHost } from "./cold-start/apps.ts";
import { type ServiceWithAgent, startServiceWithAgent } from "./cold-start/service-with-agent.ts";
import { startOnce } from "./cold-start/start-once.ts";
import { processorTimes } from "./profile/cpu-profile.ts";
import { columns, short } from "./report/table.ts";
import { cachedCases, registrationOf } from "./warm-start/cases.ts";

const COLD_STARTS = 9;
const WARM_STARTS = 3_000;
const AT_ONCE = 10;
const FUNCTIONS = 30;

type Times = { packages: [string, number][]; functions: [string, number][] };
type Side = "lkps" | "empty";

async function profileCold({ service, start, folder }: ServiceWithAgent): Promise<Record<Side, Times>> {
  const [host, emptyApp] = await Promise.all([makeHost(folder), makeEmptyApp(folder)]);
  const settings = appSettings(service.stack.entra, service.stack.azurite);
  await service.stack.killApp();
  const profile = async (appDirectory: string): Promise<Times> => {
    const directory = await mkdtemp(join(folder, "profiles-"));
    for (let n = 0; n < COLD_STARTS; n++) {
      await startOnce({ host, appDirectory, settings, ...start, profileDirectory: directory });
    }
    const files = (await readdir(directory)).map((file) => readFile(join(directory, file), "utf8"));
    const all = (await Promise.all(files)).map((text) => processorTimes(JSON.parse(text)));
    const sum = (what: "packages" | "functions") => {
      const total = new Map<string, number>();
      for (const one of all) {
        for (const [name, ms] of one[what]) total.set(name, (total.get(name) ?? 0) + ms / all.length);
      }
      return [...total].sort(([, a], [, b]) => b - a);
    };
    return { packages: sum("packages"), functions: sum("functions") };
  };
  return { lkps: await profile(distDirectory), empty: await profile(emptyApp) };
}

async function profileWarm(folder: string): Promise<Record<Side, Times>> {
  const service = await startService({ applications: cachedCases.map(registrationOf) });
  try {
    for (const { agent: caller } of cachedCases)
      await service.call("POST", "/api/agent/register", { caller });
    await service.stack.killApp();
    const settings = appSettings(service.stack.entra, service.stack.azurite);
    const emptyApp = await makeEmptyApp(folder);
    const job = {
      appDirectory: distDirectory,
      emptyApp,
      caller: CLIENT,
      starts: WARM_STARTS,
      atOnce: AT_ONCE,
    };
    const child = fork(join(import.meta.dirname, "profile", "profile-warm.ts"), [JSON.stringify(job)], {
      execArgv: [],
      env: { ...baseEnvironment(), ...settings },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const failed = once(child, "exit").then(([code]) => Promise.reject(new Error(`It ended with ${code}`)));
    const [times] = (await Promise.race([once(child, "message"), failed])) as [Record<Side, Times>];
    failed.catch(() => {});
    child.disconnect();
    const perStart = (rows: [string, number][]) =>
      rows.map(([name, ms]): [string, number] => [name, ms / WARM_STARTS]);
    const scaled = ({ packages, functions }: Times) => ({
      packages: perStart(packages),
      functions: perStart(functions),
    });
    return { lkps: scaled(times.lkps), empty: scaled(times.empty) };
  } finally {
    await service.close();
  }
}

function print(title: string, { lkps, empty }: Record<Side, Times>): void {
  const [own, beside] = [new Map(lkps.packages), new Map(empty.packages)];
  const row = (name: string): [string, number, number, number] => {
    const [ms, besideMs] = [own.get(name) ?? 0, beside.get(name) ?? 0];
    return [name, ms, besideMs, ms - besideMs];
  };
  const all = [...new Set([...own.keys(), ...beside.keys()])].map(row).sort((a, b) => b[3] - a[3]);
  const sum = (at: 1 | 2 | 3) => all.reduce((total, each) => total + each[at], 0);
  const rows = [...all, ["total", sum(1), sum(2), sum(3)] as const];
  const head = ["package", "LKPS, ms", "empty app, ms", "difference"];
  console.log(`\n## ${title}`);
  console.log(`\n${columns([head, ...rows.map(([name, ...ms]) => [name, ...ms.map(short)])])}`);
  // Names of bundled functions are minified, so that only Node's own are found in both.
  const besideFunctions = new Map(empty.functions);
  const functions = lkps.functions
    .slice(0, FUNCTIONS)
    .map(([name, ms]) => [name, short(ms), short(besideFunctions.get(name) ?? 0)]);
  console.log(`\n${columns([["function", "LKPS, ms", "empty app, ms"], ...functions])}`);
}

await buildApp();
await using world = await startServiceWithAgent();
print(`Cold start: mean of ${COLD_STARTS}`, await profileCold(world));
print(`Warm start, ${AT_ONCE} at a time: mean of ${WARM_STARTS}`, await profileWarm(world.folder));
