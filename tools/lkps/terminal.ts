import { styleText } from "node:util";

/** How something went, as a mark before a line. */
export type Mark = "good" | "bad" | "unknown" | "waiting";

const MARKS = {
  good: ["green", "✓"],
  bad: ["red", "✗"],
  unknown: ["yellow", "?"],
  waiting: ["dim", "–"],
} as const satisfies Record<Mark, readonly [string, string]>;

// Names are written by whoever owns an app registration: control characters would drive the reader's terminal, and
// those without width or of another direction would show something else than what is there.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const ODD_SPACE = /[^\S ]/gu;

/** Someone else's text as it can be shown: what cannot be seen stands there by its number. */
export function shown(text: string): string {
  const byNumber = (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`;
  return text.replaceAll(UNSEEN, byNumber).replaceAll(ODD_SPACE, byNumber);
}

/** {@link shown}, in quotes, so that spaces at either end are seen. */
export function quoted(text: string): string {
  return `"${shown(text)}"`;
}

/** The mark for an outcome, in its colour. */
export function mark(outcome: Mark): string {
  const [colour, sign] = MARKS[outcome];
  return paint(colour, sign);
}

/** Colours on a terminal only, and none where NO_COLOR asks for none; `styleText` sees to both. */
export function paint(format: Parameters<typeof styleText>[0], text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

/** Lines, each behind as many spaces. */
export function indented(spaces: number, lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `${" ".repeat(spaces)}${line}`));
}
