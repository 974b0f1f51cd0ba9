import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "../../tools/repository.ts";
import { defaultPorts } from "../local-names.ts";

/** The options of `npm start`. */
export interface StartOptions {
  ports: { gateway: number; app: number; entra: number; tables: number };
  dataDirectory: string;
  corsOrigins: string[];
}

/** The option for each port. */
export const portOptions = {
  gateway: "--port",
  app: "--app-port",
  entra: "--entra-port",
  tables: "--tables-port",
} as const satisfies Record<keyof StartOptions["ports"], string>;

export const usage = `Usage: npm start -- [options]

  --port N         gateway port, for requests          (${defaultPorts.gateway})
  --app-port N     app port, bypasses the gateway      (${defaultPorts.app})
  --entra-port N   Entra stand-in port                 (${defaultPorts.entra})
  --tables-port N  Azurite tables port                 (${defaultPorts.tables})
  --cors ORIGIN    allow pages of this origin to call the gateway (CORS); repeatable
  --data DIR       folder of the data, keys and logs   (.local)
  --help           show this help`;

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
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return null;
  const ports = {
    gateway: portOf("--port", values.port, defaultPorts.gateway),
    app: portOf("--app-port", values["app-port"], defaultPorts.app),
    entra: portOf("--entra-port", values["entra-port"], defaultPorts.entra),
    tables: portOf("--tables-port", values["tables-port"], defaultPorts.tables),
  };
  if (new Set(Object.values(ports)).size < 4) {
    throw new Error("Two of the ports are the same. Each part needs its own port.");
  }
  return {
    ports,
    dataDirectory: resolve(repositoryRoot, values.data),
    corsOrigins: values.cors.map(originOf),
  };
}

function portOf(option: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
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
