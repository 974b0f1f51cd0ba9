import type { ReportedService } from "./report-data.ts";

/** A dry run in one sentence, and its heading. */
export function usageSummary(
  { days, clients, complete }: ReportedService["rehearsal"],
  enforced: boolean | null,
): { heading: string; sentence: string } {
  const isOff = enforced === false;
  const denied = clients.filter(({ may_start_sessions: isAllowed }) => !isAllowed).length;
  const period = days === 1 ? "day" : `${days} days`;
  const usage =
    clients.length === 0
      ? `No client application used the agent in the last ${period}.`
      : `${plural(clients.length, "client application")} used the agent in the last ${period}; ${denied === 0 ? "none" : denied} would ${isOff ? "" : "now "}be denied.`;
  return {
    heading: isOff ? "With enforcement on" : "Recent use",
    sentence: `${usage}${complete ? "" : " Not all of the usage is listed, because there was too much."}`,
  };
}

/** A number of things. */
export function plural(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}
