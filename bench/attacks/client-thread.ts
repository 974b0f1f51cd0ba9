/** A client application in its own thread, so that nothing else delays it. Starts sessions for a given time. */
import { parentPort, workerData } from "node:worker_threads";
import { type AppAddress, atRate, sendAsGateway } from "./send.ts";

/** The thread's input. */
export interface Client {
  readonly app: AppAddress;
  readonly caller: string;
  readonly agents: readonly string[];
  readonly startsASecond: number;
}

/** The results of session starts. */
export interface Starts {
  /** Milliseconds from the time at which each start was due to its answer, of any status. */
  readonly latencies: number[];
  readonly said: string[];
}

const { app, caller, agents, startsASecond } = workerData as Client;
let next = 0;

parentPort?.on("message", async (seconds: number) => {
  const starts: Starts = { latencies: [], said: [] };
  await atRate(startsASecond, seconds, async (dueAt) => {
    const body = JSON.stringify({ agent_entra_app_id: agents[next++ % agents.length] });
    const { said } = await sendAsGateway(app, caller, "/api/session/start", body);
    starts.latencies.push(performance.now() - dueAt);
    starts.said.push(said);
  });
  parentPort?.postMessage(starts);
});
