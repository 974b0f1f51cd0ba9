import type { Problem } from "./start-session.ts";

/** The page's parts, by their ids in index.html. */
export const page = {
  start: element("start", HTMLFormElement),
  agent: element("agent", HTMLInputElement),
  application: element("application", HTMLSelectElement),
  startButton: element("start-button", HTMLButtonElement),
  chat: element("chat", HTMLFormElement),
  text: element("text", HTMLInputElement),
  leave: element("leave", HTMLButtonElement),
};
const log = element("log", HTMLDivElement);
const refusal = element("refusal", HTMLElement);

/** Adds a line to what has happened. */
export function show(who: "page" | "agent" | "you", text: string): void {
  const line = document.createElement("p");
  line.className = who;
  // Never as HTML: an agent's words are anybody's.
  line.textContent = text;
  log.append(line);
}

/** Shows why there is no session, or takes that away. */
export function showRefusal(problem: Problem | null): void {
  refusal.hidden = problem === null;
  if (problem === null) return;
  const { title, detail, code, check, decision_id, page: explanation } = problem;
  element("refusal-title", HTMLElement).textContent = title;
  element("refusal-detail", HTMLElement).textContent = detail ?? "";
  element("refusal-facts", HTMLElement).textContent = [
    code === undefined ? [] : `code: ${code}`,
    check === undefined ? [] : `check: ${check} of 3`,
    decision_id === undefined ? [] : `decision: ${decision_id}`,
  ]
    .flat()
    .join(" · ");
  const link = element("refusal-link", HTMLAnchorElement);
  link.hidden = explanation === undefined;
  link.href = explanation ?? "about:blank";
}

/** One session at a time, and nothing to say before there is a room to say it in. */
export function setPhase(phase: "idle" | "starting" | "in-room"): void {
  page.startButton.disabled = phase !== "idle";
  page.chat.hidden = phase !== "in-room";
}

function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`index.html has no ${id}`);
}
