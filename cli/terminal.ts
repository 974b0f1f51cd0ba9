import { randomUUID } from "node:crypto";
import { escapeText } from "./escape-text.ts";

/** The result that a mark at the start of a line shows. */
export type Mark = "good" | "bad" | "warning" | "unknown" | "skipped";

// `styleText` of node:util is newer than the oldest Node that lkps runs on.
const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
type Style = keyof typeof STYLES;

const MARKS = {
  good: ["green", "✓"],
  bad: ["red", "✗"],
  warning: ["yellow", "!"],
  unknown: ["yellow", "?"],
  skipped: ["dim", "–"],
} as const satisfies Record<Mark, readonly [Style, string]>;

// Replaces the escape character of lkps's own colors until a line is written. It cannot be guessed, so untrusted text
// cannot add a color.
const ESCAPE = randomUUID();

/**
 * Prints lines. All output goes through here, and each line may contain untrusted text: everything is escaped except
 * the colors of {@link paint}. Line breaks inside a line are escaped too, so that no text can forge a line.
 */
export function print(lines: readonly string[], stream: NodeJS.WritableStream = process.stdout): void {
  stream.write(`${lines.map(escapeLine).join("\n")}\n`);
}

/** Prints JSON. Escaping does not change the value that it parses to. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2).split("\n"));
}

function escapeLine(line: string): string {
  return escapeText(line).replaceAll(ESCAPE, "\u001b");
}

/** Text in quotes, which make spaces at either end visible. */
export function quoted(text: string): string {
  return `"${text}"`;
}

/** The mark for a result, in color. */
export function mark(outcome: Mark): string {
  const [color, symbol] = MARKS[outcome];
  return paint(color, symbol);
}

/** Styles text, on a terminal only and unless NO_COLOR is set, or if FORCE_COLOR is. */
export function paint(styles: Style | readonly Style[], text: string): string {
  const shown = escapeText(text);
  const { stdout, env } = process;
  const hasColors = stdout.isTTY ? stdout.hasColors() : (env["FORCE_COLOR"] ?? "0") !== "0";
  if (!hasColors) return shown;
  return `${[styles]
    .flat()
    .map((style) => `${ESCAPE}[${STYLES[style]}m`)
    .join("")}${shown}${ESCAPE}[0m`;
}

/** Indents lines by a number of spaces. */
export function indented(spaces: number, lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `${" ".repeat(spaces)}${line}`));
}
