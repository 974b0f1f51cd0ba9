/** A client application in a thread of its own, which nothing else keeps busy: starts sessions for as long as it is told. */
import { parentPort, workerData } from "node:worker_threads";
import { type AppAddress, ask } from "./ask.ts";
import { atRate } from "./at-rate.ts";

/** What the thread is given. */
export interface Client {
  readonly app: AppAddress;
  readonly caller: string;
  readonly agents: readonly string[];
  readonly startsASecond: number;
}

/** What came of some starts. */
export interface Starts {
  /** In milliseconds, from when each was due to its answer, whatever that was. */
  readonly latencies: number[];
  readonly said: string[];
}

const { app, caller, agents, startsASecond } = workerData as Client;
let next = 0;

parentPort?.on("message", async (seconds: number) => {
  const starts: Starts = { latencies: [], said: [] };
  await atRate(startsASecond, seconds, async (dueAt) => {
    const body = JSON.stringify({ agent_entra_app_id: agents[next++ % agents.length] });
    const { said } = await ask(app, caller, "/api/session/start", body);
    starts.latencies.push(performance.now() - dueAt);
    starts.said.push(said);
  });
  parentPort?.postMessage(starts);
});
