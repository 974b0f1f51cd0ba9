import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { defaultPorts, webClientOrigin } from "../local-defaults.ts";

/** The options of `npm start`. */
export interface StartOptions {
  ports: { gateway: number; app: number; entra: number; tables: number };
  dataDirectory: string;
  corsOrigins: string[];
  /** The port of the app's debugger; none if undefined. */
  inspectPort?: number;
}

/** The option for each port. */
export const portOptions = {
  gateway: "--port",
  app: "--app-port",
  entra: "--entra-port",
  tables: "--tables-port",
  debugger: "--inspect",
} as const satisfies Record<keyof StartOptions["ports"] | "debugger", string>;

export const usage = `Usage: npm start -- [options]

  --port N         gateway port, for requests          (${defaultPorts.gateway})
  --app-port N     app port, bypasses the gateway      (${defaultPorts.app})
  --entra-port N   Entra stand-in port                 (${defaultPorts.entra})
  --tables-port N  Azurite tables port                 (${defaultPorts.tables})
  --cors ORIGIN    also allow pages from this origin to call the gateway; repeatable
                   (${webClientOrigin})
  --data DIR       folder for data, keys, and logs     (.local)
  --inspect PORT   debug the app on this port, for example with VS Code
  --help           show this help

Environment: LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET choose the LiveKit
server, for example LiveKit Cloud. Otherwise, livekit-server is started if it is on
the PATH.`;

/**
 * Parses the command line.
 *
 * @returns null if help was requested
 * @throws with a message for the user
 */
export function parseOptions(args: string[]): StartOptions | null {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: "string" },
      "app-port": { type: "string" },
      "entra-port": { type: "string" },
      "tables-port": { type: "string" },
      cors: { type: "string", multiple: true, default: [] },
      data: { type: "string", default: ".local" },
      inspect: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return null;
  const ports = {
    gateway: portOf("--port", values.port ?? String(defaultPorts.gateway)),
    app: portOf("--app-port", values["app-port"] ?? String(defaultPorts.app)),
    entra: portOf("--entra-port", values["entra-port"] ?? String(defaultPorts.entra)),
    tables: portOf("--tables-port", values["tables-port"] ?? String(defaultPorts.tables)),
  };
  const inspectPort = values.inspect === undefined ? undefined : portOf("--inspect", values.inspect);
  const all = [...Object.values(ports), ...(inspectPort === undefined ? [] : [inspectPort])];
  if (new Set(all).size < all.length) {
    throw new Error("Two of the ports are the same. Each part needs its own port.");
  }
  return {
    ports,
    dataDirectory: resolve(repositoryRoot, values.data),
    corsOrigins: [webClientOrigin, ...values.cors.map(originOf)],
    ...(inspectPort !== undefined && { inspectPort }),
  };
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new Error(`${option} ${text}: a port is a number from 1 to 65535.`);
  }
  return port;
}

function originOf(text: string): string {
  // Browsers send an origin without a trailing slash, and it is compared exactly.
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new Error(`--cors ${text}: an origin is a scheme, a host and a port, such as http://127.0.0.1:5173.`);
}
