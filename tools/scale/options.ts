import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { graphUnits, instanceSizes } from "./limits.ts";
import { defaultLoad, type Load } from "./load.ts";

/** The option of each part of a load, and what it means. */
const options = {
  startsPerSecond: ["starts-per-second", "sessions asked for in a second"],
  agents: ["agents", "agents that they are for"],
  busiestPercent: ["busiest-percent", "the busiest agent's share; 0: all have the same"],
  deniedPercent: ["denied-percent", "starts and evaluations that are denied"],
  evaluationsPerSecond: ["evaluations-per-second", "questions by AuthZEN"],
  probesPerSecond: ["probes-per-second", "GET /api/health/ready, all callers together"],
  cacheSeconds: ["cache-seconds", "GRAPH_CACHE_SECONDS"],
  durationMs: ["duration-ms", "how long a request takes in the app; assumed"],
  memoryMb: ["memory-mb", "of an instance: 512, 2048 or 4096"],
  concurrency: ["concurrency", "requests at once on an instance; 0: the platform's"],
  maxInstances: ["max-instances", "maximumInstanceCount"],
  tenant: ["tenant", "S under 50 users, M up to 500, L more"],
  retentionDays: ["retention-days", "SESSION_RETENTION_DAYS"],
} as const satisfies Record<keyof Load, readonly [option: string, help: string]>;

const entries = Object.entries(options) as [keyof Load, readonly [string, string]][];

export const usage = `Usage: npm run scale -- [options]

${entries.map(([part, [option, help]]) => `  --${option.padEnd(24)}${help} (${defaultLoad[part]})`).join("\n")}`;

/**
 * Reads the command line.
 *
 * @returns null when help was asked for
 * @throws with a message for the person who typed it
 */
export function parseLoad(args: readonly string[]): Load | null {
  const texts = Object.fromEntries(entries.map(([, [option]]) => [option, { type: "string" as const }]));
  const known: ParseArgsOptionsConfig = { ...texts, help: { type: "boolean", short: "h" } };
  const { values } = parseArgs({ args: [...args], options: known });
  if (values["help"]) return null;
  const given = entries.flatMap(([part, [option]]) => {
    const text = values[option];
    return typeof text === "string" ? [[part, parsePart(part, option, text)]] : [];
  });
  return { ...defaultLoad, ...Object.fromEntries(given) };
}

function parsePart(part: keyof Load, option: string, text: string): number | string {
  const fail = (expected: string) => new Error(`--${option} ${text}: it must be ${expected}.`);
  if (part === "tenant") {
    if (!Object.hasOwn(graphUnits, text)) throw fail("S, M or L");
    return text;
  }
  const number = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text)) throw fail("a number");
  if (part === "memoryMb" && !Object.hasOwn(instanceSizes, text)) throw fail("512, 2048 or 4096");
  const isWhole = ["agents", "cacheSeconds", "concurrency", "maxInstances"].includes(part);
  if (isWhole && !Number.isInteger(number)) throw fail("a whole number");
  if (["agents", "durationMs", "maxInstances"].includes(part) && number === 0) throw fail("more than 0");
  if (part.endsWith("Percent") && number > 100) throw fail("at most 100");
  return number;
}
