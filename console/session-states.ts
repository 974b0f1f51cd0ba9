import type { Session } from "./answers.ts";

const STATES: Readonly<Record<string, string>> = {
  issued: "Issued: nobody has come yet",
  waiting: "Waiting: the participant and the agent are not both in the room",
  active: "Active",
  ended: "Ended",
  unused: "Unused: nobody came",
};

const END_REASONS: Readonly<Record<string, string>> = {
  left: "Ended: everybody left",
  authorization_withdrawn: "Ended by LKPS: the client is no longer authorized",
  ended_by_owner: "Ended by the agent or its owner",
  duration_limit: "Ended by LKPS: the time limit was reached",
};

/** Whether a session can still be ended. A state that this version does not know counts as over. */
export function isLive({ state }: Pick<Session, "state">): boolean {
  return ["issued", "waiting", "active"].includes(state);
}

/** A session's state in words. */
export function describeState({ state, end_reason: reason }: Pick<Session, "state" | "end_reason">): string {
  return (reason === null ? undefined : END_REASONS[reason]) ?? STATES[state] ?? state;
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
