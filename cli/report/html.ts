import { shown } from "../escape-text.ts";

/** Markup that is safe to put into a page: made by {@link html} only. */
export class Html {
  readonly markup: string;

  /** Not for foreign text: that is {@link html}'s to escape. */
  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What can stand in a template. Nothing is put there unescaped but what was made here. */
export type HtmlValue = Html | string | number | null | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * A template for markup: every value is escaped, for text and for attributes in double quotes alike. Control characters
 * and those that cannot be seen are shown by their number. `null` is nothing.
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
  return shown(String(value)).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
