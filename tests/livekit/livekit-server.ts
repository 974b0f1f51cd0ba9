import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { baseEnvironment } from "../../dev/stack/base-environment.ts";
import { freePort } from "./run-example.ts";

/** How long it may take to listen. */
const START_MS = 15_000;

/** A LiveKit server in development mode: its key is `devkey`, its secret `secret`. */
export interface LiveKitServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts `livekit-server --dev` on 127.0.0.1; media takes the addresses that it finds on this machine.
 * @param command - its path, or its name on the PATH
 * @throws with what it said, if it does not listen
 */
export async function startLiveKitServer(command: string): Promise<LiveKitServer> {
  const port = await freePort();
  const config = { port, rtc: { tcp_port: await freePort(), udp_port: await freePort() } };
  // JSON is YAML.
  const args = ["--dev", "--bind", "127.0.0.1", "--config-body", JSON.stringify(config)];
  const child = spawn(command, args, { env: baseEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  for (const input of [child.stdout, child.stderr])
    createInterface({ input }).on("line", (line) => said.push(line));
  let ended = false;
  const exited = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", (error) => {
      said.push(error.message);
      resolve();
    });
  }).then(() => {
    ended = true;
  });
  const close = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  for (const deadline = Date.now() + START_MS; !(await answers(port)); await sleep(100)) {
    if (!ended && Date.now() < deadline) continue;
    await close();
    throw new Error([`${command} does not listen on port ${port}.`, ...said.slice(-20)].join("\n"));
  }
  return { url: `ws://127.0.0.1:${port}`, close };
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}`)).ok;
  } catch {
    return false;
  }
}
