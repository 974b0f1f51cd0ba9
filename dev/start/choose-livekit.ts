import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { isPortFree } from "../listen.ts";
import { devKey, isLiveKitServer, type LiveKitServer, startLiveKitServer } from "../livekit-server.ts";
import { defaultPorts } from "../local-defaults.ts";

const NAMES = ["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"] as const;

type Step = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** The LiveKit server that sessions are for. */
export interface LiveKit {
  /** The app's settings for it. */
  settings: Record<(typeof NAMES)[number], string>;
  /** Where it comes from, in a few words. */
  note: string;
  /** Whether rooms can be joined, as far as is known. */
  canJoin: boolean;
  /** If it was started here. */
  server?: LiveKitServer;
}

/**
 * Chooses the LiveKit server: the environment's, one that already runs on LiveKit's default port, or
 * `livekit-server` from the PATH, which it starts.
 *
 * @param step - wraps the start of the server, for example to show progress
 * @throws if the environment has only some of the settings, or the server does not start
 */
export async function chooseLiveKit(env: NodeJS.ProcessEnv, step: Step): Promise<LiveKit> {
  const missing = NAMES.filter((name) => !env[name]);
  if (missing.length === 0) {
    const [url = "", key = "", secret = ""] = NAMES.map((name) => env[name]);
    return { settings: settingsOf(url, key, secret), note: "from LIVEKIT_URL", canJoin: true };
  }
  if (missing.length < NAMES.length) {
    throw new Error(`Set all of ${NAMES.join(", ")}, or none of them. Not set: ${missing.join(", ")}.`);
  }
  const port = defaultPorts.livekit;
  const local = (url: string) => settingsOf(url, devKey.apiKey, devKey.apiSecret);
  const defaultUrl = `ws://127.0.0.1:${port}`;
  if (await isLiveKitServer(port))
    return { settings: local(defaultUrl), note: "was already running", canJoin: true };
  const command = findOnPath("livekit-server", env);
  if (command === null) return { settings: local(defaultUrl), note: "not running", canJoin: false };
  const freeDefaultPort = (await isPortFree(port)) ? port : undefined;
  const server = await step("LiveKit server", () => startLiveKitServer(command, freeDefaultPort));
  return { settings: local(server.url), note: `started: ${command}`, canJoin: true, server };
}

function settingsOf(url: string, key: string, secret: string): LiveKit["settings"] {
  return { LIVEKIT_URL: url, LIVEKIT_API_KEY: key, LIVEKIT_API_SECRET: secret };
}

function findOnPath(name: string, env: NodeJS.ProcessEnv): string | null {
  const file = process.platform === "win32" ? `${name}.exe` : name;
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, file)).find((path) => existsSync(path)) ?? null;
}
