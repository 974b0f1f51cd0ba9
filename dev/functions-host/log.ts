import type { LogCategory, LogLevel } from "./core-types.ts";

const SHOWN: ReadonlySet<LogLevel> = new Set(["warning", "error", "critical"]);

/**
 * Writes the app's lines unchanged, so that JSON stays JSON. Writes the host's own lines only from warning
 * up.
 */
export function log(level: LogLevel, category: LogCategory, message: string): void {
  if (category === "user") process.stdout.write(`${message}\n`);
  else if (SHOWN.has(level)) process.stderr.write(`[host] ${message}\n`);
}
