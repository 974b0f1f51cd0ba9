import { escapeText } from "../escape-text.ts";

/** Markup that is safe to insert into a page, created by {@link html} only. */
export class Html {
  readonly markup: string;

  /** Not for untrusted text, which {@link html} has to escape. */
  constructor(markup: string) {
    this.markup = markup;
  }
}

/** A value in a template. Only {@link Html} is inserted without being escaped. */
export type HtmlValue = Html | string | number | null | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * A template for markup. Every value is escaped, for use in text and in double-quoted attributes; control and invisible
 * characters are shown as `\u202e`. `null` inserts nothing.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(
    parts.map((part, n) => `${part}${n < values.length ? markupOf(values[n] ?? null) : ""}`).join(""),
  );
}

function markupOf(value: HtmlValue): string {
  if (value === null) return "";
  if (value instanceof Html) return value.markup;
  if (Array.isArray(value)) return value.map(markupOf).join("");
  return escapeText(String(value)).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
