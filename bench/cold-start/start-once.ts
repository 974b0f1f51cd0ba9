import { fork } from "node:child_process";
import { once } from "node:events";
import { baseEnvironment } from "../../dev/stack/base-environment.ts";

/** How to start an app, and its first request. */
export interface Start {
  readonly host: string;
  readonly appDirectory: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly path: string;
  readonly caller: string;
  readonly body: string;
}

/** Milliseconds since the process was spawned. */
export interface StartTimes {
  readonly loaded: number;
  readonly answered: number;
}

const KEY = "bench";

/** Starts the host with an app, sends a request as soon as the functions are loaded, and ends the process. */
export async function startOnce({
  host,
  appDirectory,
  settings,
  path,
  caller,
  body,
}: Start): Promise<StartTimes> {
  const spawnedAt = performance.now();
  const child = fork(host, ["--app", appDirectory, "--port", "0"], {
    execArgv: [],
    env: { ...baseEnvironment(), ...settings, LKPS_HOST_FUNCTION_KEY: KEY },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  try {
    const ready = once(child, "message");
    const ended = exited.then(() => Promise.reject(new Error("The app ended while it started")));
    const [{ port }] = (await Promise.race([ready, ended])) as [{ port: number }];
    const loaded = performance.now() - spawnedAt;
    const { status } = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-functions-key": KEY, "client-id": caller },
      body,
    });
    const answered = performance.now() - spawnedAt;
    if (status !== 200) throw new Error(`The first request was answered ${status}`);
    return { loaded, answered };
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
}
