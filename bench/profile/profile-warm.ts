/**
 * Runs a process that profiles session starts in the warm app, and the same round trips in an empty function. Its
 * argument is the job, as JSON. Its environment has the app's settings.
 */
import { Session } from "node:inspector/promises";
import { openApp } from "../warm-start/ask-app.ts";
import { openBareRoundTrips } from "../warm-start/bare-round-trips.ts";
import { cachedCases } from "../warm-start/cases.ts";
import { latenciesOf } from "../warm-start/latencies-of.ts";
import { INTERVAL_MICROSECONDS, processorTimes } from "./cpu-profile.ts";

process.on("disconnect", () => process.exit());
const { appDirectory, emptyApp, caller, starts, atOnce } = JSON.parse(process.argv[2] ?? "");
const [, one] = cachedCases;
if (one === undefined) throw new Error("There is no case with one client");
const askLkps = (await openApp(appDirectory, caller))(one.agent);
const askEmpty = (await openApp(emptyApp, caller))(one.agent);
const bare = await openBareRoundTrips(process.env["TABLES_CONNECTION_STRING"] ?? "");
await bare.register(one);
await bare.emptySessions();
const roundTrips = bare.start(one.agent, caller);
const sides = {
  lkps: askLkps,
  empty: async () => {
    await askEmpty();
    await roundTrips();
  },
};
for (const start of Object.values(sides)) await latenciesOf(start, starts, atOnce);
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: INTERVAL_MICROSECONDS });
const times: Record<string, unknown> = {};
for (const [side, start] of Object.entries(sides)) {
  await bare.emptySessions();
  await session.post("Profiler.start");
  await latenciesOf(start, starts, atOnce);
  const { profile } = await session.post("Profiler.stop");
  const { packages, functions } = processorTimes(profile);
  times[side] = { packages: [...packages], functions: [...functions] };
}
process.send?.(times);
