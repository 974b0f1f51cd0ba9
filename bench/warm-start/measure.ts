/**
 * Runs a measuring process: loads the app and does the job in its argument, as JSON. Azurite and the Entra stand-in run
 * in other processes, so that no event loop waits for another.
 */
import { forEachAtOnce } from "../../src/application/for-each-at-once.ts";
import { CLIENT } from "../../tests/support/app-registration.ts";
import { alternately } from "../measure/alternately.ts";
import { quantile } from "../measure/statistics.ts";
import { openApp } from "./ask-app.ts";
import { openBareRoundTrips } from "./bare-round-trips.ts";
import { type Case, cachedCases } from "./cases.ts";

/** What a measuring process does. Its environment has the app's settings. */
export interface Job {
  readonly appDirectory: string;
  /** The folder of the empty app. */
  readonly emptyApp: string;
  /** How many starts run concurrently; each number is measured. */
  readonly atOnce: readonly number[];
  readonly rounds: number;
  /** The number of starts of each side in a round. */
  readonly batch: number;
  /** The number of starts of each side before the first round. */
  readonly warmUp: number;
}

/** LKPS; or an invocation of the empty app and the round trips that every start needs. */
type Side = "lkps" | "function";

/** The results of a case, in milliseconds by round. */
export interface Measured {
  readonly name: string;
  readonly atOnce: number;
  readonly sides: Readonly<Record<Side, { readonly p50: number[]; readonly p99: number[] }>>;
}

process.on("disconnect", () => process.exit());
const job = JSON.parse(process.argv[2] ?? "") as Job;
const askLkps = await openApp(job.appDirectory, CLIENT);
// Loaded after LKPS, so that LKPS's `@azure/functions` finds the host.
const askEmptyApp = await openApp(job.emptyApp, CLIENT);
const bare = await openBareRoundTrips(process.env["TABLES_CONNECTION_STRING"] ?? "");

function sidesOf({ agent }: Case): Record<Side, () => Promise<void>> {
  const [askEmpty, roundTrips] = [askEmptyApp(agent), bare.start(agent, CLIENT)];
  return {
    lkps: askLkps(agent),
    function: async () => {
      await askEmpty();
      await roundTrips();
    },
  };
}

/** Does `work` `count` times, `atOnce` at a time. Returns the milliseconds of each. */
async function latenciesOf(work: () => Promise<void>, count: number, atOnce: number): Promise<number[]> {
  const latencies: number[] = [];
  await forEachAtOnce(atOnce, [...Array(count).keys()], async () => {
    const startedAt = performance.now();
    await work();
    latencies.push(performance.now() - startedAt);
  });
  return latencies;
}

async function measured(one: Case, atOnce: number): Promise<Measured> {
  await bare.emptySessions();
  const sides = { lkps: { p50: [], p99: [] }, function: { p50: [], p99: [] } } as Measured["sides"];
  const starts = sidesOf(one);
  const round = (side: Side) => async () => {
    const latencies = await latenciesOf(starts[side], job.batch, atOnce);
    sides[side].p99.push(quantile(latencies, 0.99));
    return sides[side].p50.push(quantile(latencies, 0.5));
  };
  await alternately({ lkps: round("lkps"), function: round("function") }, job.rounds);
  return { name: one.name, atOnce, sides };
}

for (const one of cachedCases) {
  await bare.register(one);
  await bare.emptySessions();
  for (const start of Object.values(sidesOf(one))) await latenciesOf(start, job.warmUp, 10);
}
for (const one of cachedCases) {
  for (const atOnce of job.atOnce) process.send?.(await measured(one, atOnce));
}
process.disconnect?.();
