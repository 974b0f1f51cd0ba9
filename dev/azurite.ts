import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { freePort } from "./listen.ts";
import { baseEnvironment } from "./stack/base-environment.ts";
import { type Exit, startChild } from "./stack/child-process.ts";

// Microsoft publishes this key for every emulator; it is not a secret.
const ACCOUNT = "devstoreaccount1";
export const ACCOUNT_KEY =
  "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const ATTEMPTS = 3;
const require = createRequire(import.meta.url);
const SCRIPT = require.resolve("azurite/dist/src/table/main.js");

export interface AzuriteOptions {
  /** The data folder; created if missing. */
  location: string;
  /** 0, the default, picks a free port. */
  port?: number;
}

export interface Azurite {
  connectionString: string;
  port: number;
  pid: number;
  exited: Promise<Exit>;
  /** Stops it gracefully, so that its data is on disk. */
  close(): Promise<void>;
}

/**
 * Starts the tables of Azurite, Microsoft's Azure Storage emulator, on 127.0.0.1.
 *
 * @throws if it does not start; the message is Azurite's
 */
export async function startAzurite({ location, port = 0 }: AzuriteOptions): Promise<Azurite> {
  await mkdir(location, { recursive: true });
  // Azurite does not report the port that it chose for 0. A free port may be taken a moment later, so retry.
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(location, port === 0 ? await freePort() : port);
    } catch (error) {
      if (port !== 0 || attempt === ATTEMPTS) throw error;
    }
  }
}

/** The app's `TABLES_CONNECTION_STRING` for an Azurite on this port of 127.0.0.1. */
export function connectionStringOf(port: number, key = ACCOUNT_KEY): string {
  const endpoint = `TableEndpoint=http://127.0.0.1:${port}/${ACCOUNT}`;
  return `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${key};${endpoint};`;
}

async function start(location: string, port: number): Promise<Azurite> {
  const output: string[] = [];
  const listening = Promise.withResolvers<"listening">();
  const flags = ["--silent", "--skipApiVersionCheck", "--disableTelemetry"];
  const child = startChild(SCRIPT, {
    args: ["--tableHost", "127.0.0.1", "--tablePort", String(port), "--location", location, ...flags],
    env: baseEnvironment(),
    cwd: location,
    onLine(line) {
      output.push(line);
      if (/successfully (started|listens)/.test(line)) listening.resolve("listening");
    },
  });
  if ((await Promise.race([listening.promise, child.exited])) !== "listening") {
    throw new Error(`Azurite did not start on port ${port}: ${output.at(-1) ?? "no output"}`);
  }
  return {
    connectionString: connectionStringOf(port),
    port,
    pid: child.pid,
    exited: child.exited,
    close: () => child.stop(),
  };
}
