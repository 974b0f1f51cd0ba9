import type { Session } from "./answers.ts";

/** Whether a session can still be ended. A state that this version does not know counts as over. */
export function isLive({ state }: Pick<Session, "state">): boolean {
  return ["issued", "waiting", "active"].includes(state);
}

/** How long ago something was. */
export function age(since: string, nowMs: number): string {
  const minutes = Math.max(0, Math.floor((nowMs - Date.parse(since)) / 60_000));
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return `${minutes} min`;
  return minutes < 1_440
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}
