import type { Application } from "./settings.ts";
import type { Problem } from "./start-session.ts";

/** The page's parts, by their ids in index.html. */
export const page = {
  start: element("start", HTMLFormElement),
  application: element("application", HTMLSelectElement),
  agent: element("agent", HTMLSelectElement),
  startButton: element("start-button", HTMLButtonElement),
  chat: element("chat", HTMLFormElement),
  text: element("text", HTMLInputElement),
  leave: element("leave", HTMLButtonElement),
};
const status = element("status", HTMLElement);
const detail = element("detail", HTMLElement);
const facts = element("facts", HTMLElement);
const explanation = element("explanation", HTMLAnchorElement);
const log = element("log", HTMLDivElement);

/** The page's controls: one session at a time, and no text input before there is a room. */
export type Phase = "idle" | "starting" | "in-room";

/** What is shown below the state's sentence. */
interface Details {
  detail?: string;
  facts?: string;
  link?: { text: string; href: string };
}

/** Shows the page's state, replacing the previous one. */
export function showState(phase: Phase, sentence: string, { detail: text, facts: more, link }: Details = {}) {
  page.startButton.disabled = phase !== "idle";
  page.chat.hidden = phase !== "in-room";
  // A new session has a conversation of its own.
  if (phase === "starting") log.replaceChildren();
  status.textContent = sentence;
  detail.textContent = text ?? "";
  facts.textContent = more ?? "";
  explanation.hidden = link === undefined;
  explanation.textContent = link?.text ?? "";
  explanation.href = link?.href ?? "about:blank";
}

/** Shows why there is no session. */
export function showRefusal({ title, detail, code, check, decision_id, page: href }: Problem): void {
  const known = [
    code === undefined ? [] : `code: ${code}`,
    check === undefined ? [] : `check: ${check} of 3`,
    decision_id === undefined ? [] : `decision: ${decision_id}`,
  ];
  showState("idle", title, {
    facts: known.flat().join(" · "),
    ...(detail !== undefined && { detail }),
    ...(href !== undefined && { link: { text: "What this means", href } }),
  });
}

/** Adds a line to the conversation. */
export function say(who: "agent" | "you", text: string): void {
  const line = document.createElement("p");
  line.className = who;
  // Never as HTML: an agent's words are untrusted.
  line.textContent = text;
  log.append(line);
}

/** Fills a list with applications, by name. */
export function fillList(list: HTMLSelectElement, applications: readonly Application[]): void {
  for (const { id, name } of applications) list.append(new Option(name, id));
}

function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`index.html has no ${id}`);
}
