import type { LogCategory, LogLevel } from "./core-types.ts";

const SHOWN: ReadonlySet<LogLevel> = new Set(["warning", "error", "critical"]);

/** The app's lines go out as they are, so that lines of JSON stay JSON; the host's own only from warning up. */
export function log(level: LogLevel, category: LogCategory, message: string): void {
  if (category === "user") process.stdout.write(`${message}\n`);
  else if (SHOWN.has(level)) process.stderr.write(`[host] ${message}\n`);
}
