import { randomUUID } from "node:crypto";
import { styleText } from "node:util";
import { shown } from "./escape-text.ts";

/** How something went, as a mark before a line. */
export type Mark = "good" | "bad" | "unknown" | "waiting";

const MARKS = {
  good: ["green", "✓"],
  bad: ["red", "✗"],
  unknown: ["yellow", "?"],
  waiting: ["dim", "–"],
} as const satisfies Record<Mark, readonly [string, string]>;

// Stands for the escape character of our own colors until a line is written. Nobody can guess it, so no text of
// somebody else's can pass for a color.
const ESCAPE = randomUUID();

/**
 * The only way out for what the commands say. Each line may hold anybody's text: all of it is shown escaped, except
 * the colors of {@link paint}. A line break inside a line is escaped too, so no text can forge a line.
 */
export function print(lines: readonly string[], stream: NodeJS.WritableStream = process.stdout): void {
  stream.write(`${lines.map(visible).join("\n")}\n`);
}

/** Prints JSON. Escaped or not, it parses to the same value. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2).split("\n"));
}

function visible(line: string): string {
  return shown(line).replaceAll(ESCAPE, "\u001b");
}

/** Text in quotes, so that spaces at either end are seen. */
export function quoted(text: string): string {
  return `"${text}"`;
}

/** The mark for an outcome, in its color. */
export function mark(outcome: Mark): string {
  const [color, sign] = MARKS[outcome];
  return paint(color, sign);
}

/** Colors on a terminal only, and none where NO_COLOR asks for none; `styleText` sees to both. */
export function paint(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, shown(text), { stream: process.stdout }).replaceAll("\u001b", ESCAPE);
}

/** Lines, each behind as many spaces. */
export function indented(spaces: number, lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `${" ".repeat(spaces)}${line}`));
}
