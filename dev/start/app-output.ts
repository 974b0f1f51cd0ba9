import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { escapeText } from "../../cli/escape-text.ts";

const KEPT_LINES = 5;

/** Receives the app's output. */
export interface AppOutput {
  onLine(line: string, stream: "stdout" | "stderr"): void;
  /** From now on, also prints failures and warnings. */
  show(): void;
  last(): string;
}

/** Writes the app's output to a file, and failures and warnings also to the terminal. */
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
