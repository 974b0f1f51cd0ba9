import { fork } from "node:child_process";
import { on } from "node:events";
import { join } from "node:path";
import { baseEnvironment } from "../../dev/stack/base-environment.ts";
import type { Job, Measured } from "./measuring-job.ts";

const MEASURE = join(import.meta.dirname, "measure.ts");

/** Runs the job in a new process, without its log. Yields results as they come. */
export async function* runJob(
  job: Job,
  settings: Readonly<Record<string, string>>,
): AsyncGenerator<Measured, void> {
  const child = fork(MEASURE, [JSON.stringify(job)], {
    execArgv: [],
    env: { ...baseEnvironment(), ...settings },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  for await (const [measured] of on(child, "message", { close: ["disconnect"] })) yield measured as Measured;
  const code = await exited;
  if (code !== 0) throw new Error(`The measuring process ended with ${code}`);
}
