/**
 * Runs a measuring process: loads the app and does the job in its argument, as JSON. Azurite and the Entra stand-in run
 * in other processes, so that no event loop waits for another.
 */
import { alternately } from "../measure/alternately.ts";
import { quantile } from "../measure/statistics.ts";
import { openApp } from "./ask-app.ts";
import { openGraph } from "./ask-graph.ts";
import { openBareRoundTrips } from "./bare-round-trips.ts";
import type { Case } from "./cases.ts";
import { latenciesOf } from "./latencies-of.ts";
import type { Job, Latencies, Measured, Side } from "./measuring-job.ts";

process.on("disconnect", () => process.exit());
const job = JSON.parse(process.argv[2] ?? "") as Job;
const { TABLES_CONNECTION_STRING, GRAPH_CACHE_SECONDS } = process.env;
const askLkps = await openApp(job.appDirectory, job.caller);
// Loaded after LKPS, so that LKPS's `@azure/functions` finds the host.
const askEmptyApp = await openApp(job.emptyApp, job.caller);
const bare = await openBareRoundTrips(TABLES_CONNECTION_STRING ?? "");
const askGraph = GRAPH_CACHE_SECONDS === "0" ? await openGraph(process.env) : undefined;

function sidesOf({ agent }: Case): Record<Side, () => Promise<void>> {
  const roundTrips = bare.start(agent, job.caller, askGraph?.(agent));
  const askEmpty = askEmptyApp(agent);
  return {
    lkps: askLkps(agent),
    bare: roundTrips,
    function: async () => {
      await askEmpty();
      await roundTrips();
    },
  };
}

async function measured(one: Case, atOnce: number): Promise<Measured> {
  await bare.emptySessions();
  const found: Record<Side, Latencies> = { lkps: none(), bare: none(), function: none() };
  const starts = sidesOf(one);
  const round = (side: Side) => async () => {
    const latencies = await latenciesOf(starts[side], job.batch, atOnce);
    const p50 = quantile(latencies, 0.5);
    found[side].p50.push(p50);
    found[side].p99.push(quantile(latencies, 0.99));
    return p50;
  };
  const rounds = { lkps: round("lkps"), bare: round("bare"), function: round("function") };
  await alternately(rounds, job.rounds);
  return { name: one.name, atOnce, sides: found };
}

function none(): Latencies {
  return { p50: [], p99: [] };
}

for (const one of job.cases) {
  await bare.register(one);
  await bare.emptySessions();
  for (const start of Object.values(sidesOf(one))) await latenciesOf(start, job.warmUp, 10);
}
for (const one of job.cases) {
  for (const atOnce of job.atOnce) process.send?.(await measured(one, atOnce));
}
process.disconnect?.();
