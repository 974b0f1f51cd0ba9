import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { escapeText } from "../../cli/escape-text.ts";

const KEPT_LINES = 5;

/** Where the app's lines go. */
export interface AppOutput {
  onLine(line: string, stream: "stdout" | "stderr"): void;
  /** From now on, lines that a person should see are printed too. */
  show(): void;
  last(): string;
}

/** Writes the app's lines to a file; failures and warnings are also for the person at the terminal. */
export function openAppOutput(file: string): AppOutput {
  mkdirSync(dirname(file), { recursive: true });
  const log = createWriteStream(file);
  const last: string[] = [];
  let shows = false;
  return {
    onLine(line, stream) {
      log.write(`${line}\n`);
      last.push(escapeText(line));
      if (last.length > KEPT_LINES) last.shift();
      if (shows && (stream === "stderr" || isFailure(line))) console.error(escapeText(line));
    },
    show() {
      shows = true;
    },
    last: () => last.join("\n"),
  };
}

function isFailure(line: string): boolean {
  try {
    return (JSON.parse(line) as { event?: string } | null)?.event === "failure";
  } catch {
    return false;
  }
}
