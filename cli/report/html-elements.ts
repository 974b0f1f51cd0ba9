import { type Html, html } from "./html.ts";

/** A time for people, in UTC, with the exact time for programs. */
export function time(rfc3339: string): Html {
  return html`<time datetime="${rfc3339}">${rfc3339.slice(0, 16).replace("T", " ")} UTC</time>`;
}

/** A name that someone else wrote, isolated so that its text direction does not affect the page. */
export function isolatedName(name: string): Html {
  return html`<bdi>${name}</bdi>`;
}

/** An application: its name, if it has one, and its client id. */
export function application(client: string, names: ReadonlyMap<string, string>): Html {
  const name = names.get(client.toLowerCase());
  return name === undefined
    ? html`<span class="id">${client}</span>`
    : html`<span class="name">${isolatedName(name)}</span> <span class="id">${client}</span>`;
}

/** The paths of the icons, in a box of 16 by 16. */
export const ICONS = { yes: "m3.5 8.4 3 3 6-6.6", no: "m4 4 8 8m0-8-8 8" } as const;

/** Yes or no, as an icon and as text for screen readers. */
export function yesOrNo(isYes: boolean): Html {
  const icon = html`<path d="${isYes ? ICONS.yes : ICONS.no}"/>`;
  return html`<span class="pill ${isYes ? "yes" : "no"}"><svg viewBox="0 0 16 16" aria-hidden="true">${icon}</svg>${isYes ? "Yes" : "No"}</span>`;
}

/** A command to copy, folded until it is needed. */
export function commandDetails(command: string | null): Html | null {
  if (command === null) return null;
  return html`<details><summary>Show the command</summary><pre><code>${command}</code></pre></details>`;
}
