import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./listen.ts";
import { baseEnvironment } from "./stack/base-environment.ts";
import { type Exit, startChild } from "./stack/child-process.ts";

/** What `livekit-server --dev` accepts; published by LiveKit, so not a secret. */
export const devKey = { apiKey: "devkey", apiSecret: "secret" };

const START_MS = 15_000;
const KEPT_LINES = 20;

/** A LiveKit server in development mode. */
export interface LiveKitServer {
  url: string;
  exited: Promise<Exit>;
  close(): Promise<void>;
}

/**
 * Starts `livekit-server --dev` on 127.0.0.1. Media uses the addresses that it finds on this machine.
 *
 * @param command - its path, or its name on the PATH
 * @param port - for signaling; a free one by default
 * @throws with its last output if it does not listen within 15 seconds
 */
export async function startLiveKitServer(command: string, port?: number): Promise<LiveKitServer> {
  port ??= await freePort();
  const config = { port, rtc: { tcp_port: await freePort(), udp_port: await freePort() } };
  const output: string[] = [];
  const child = startChild(join(import.meta.dirname, "run-command.ts"), {
    // JSON is YAML.
    args: [command, "--dev", "--bind", "127.0.0.1", "--config-body", JSON.stringify(config)],
    env: baseEnvironment(),
    cwd: import.meta.dirname,
    onLine(line) {
      output.push(line);
      if (output.length > KEPT_LINES) output.shift();
    },
  });
  let hasExited = false;
  void child.exited.then(() => {
    hasExited = true;
  });
  for (const deadline = Date.now() + START_MS; !(await isLiveKitServer(port)); await sleep(100)) {
    if (!hasExited && Date.now() < deadline) continue;
    await child.stop();
    throw new Error([`${command} does not listen on port ${port}.`, ...output].join("\n"));
  }
  return { url: `ws://127.0.0.1:${port}`, exited: child.exited, close: () => child.stop() };
}

/** Whether a LiveKit server answers on this port of 127.0.0.1. */
export async function isLiveKitServer(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(1_000) });
    return response.ok && (await response.text()) === "OK";
  } catch {
    return false;
  }
}
