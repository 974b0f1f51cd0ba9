import { type CheckPorts, checkLiveSessions as check } from "../application/check-live-sessions.ts";
import { failureLine, type LocateError, problemOf } from "../http/problem.ts";
import type { Timer } from "./remove-old-sessions.ts";

interface CheckLiveSessionsPorts extends Omit<CheckPorts, "isChecked"> {
  /** 0 if sessions are not checked. */
  readonly liveSessionCheckSeconds: number;
  readonly locateError: LocateError;
}

// The next run continues where this one stopped.
const MAX_RUN_MS = 5 * 60_000;

/** NCRONTAB for each interval. Without checks, sessions that are over are archived every hour. */
const schedules: Readonly<Record<number, string>> = {
  0: "0 47 * * * *",
  30: "*/30 * * * * *",
  60: "0 * * * * *",
  120: "0 */2 * * * *",
  300: "0 */5 * * * *",
  600: "0 */10 * * * *",
};

/** Checks the live sessions: whether their rooms exist, and whether their clients are still allowed. */
export function checkLiveSessions(ports: CheckLiveSessionsPorts): Timer {
  const { clock, liveSessionCheckSeconds, locateError } = ports;
  let after: string | undefined;
  let number = 0;
  return {
    name: "checkLiveSessions",
    schedule: schedules[liveSessionCheckSeconds] ?? "0 * * * * *",
    handler: async (_timer, context) => {
      const startedAt = clock.elapsed();
      /** The first failure of each code. */
      const failures = new Map<string, unknown>();
      const reportFailure = (error: unknown) => {
        const { code } = problemOf(error);
        if (!failures.has(code)) failures.set(code, error);
      };
      const checkPorts = { ...ports, isChecked: liveSessionCheckSeconds > 0 };
      await check(checkPorts, {
        number: number++,
        after,
        shouldContinue: () => clock.elapsed() - startedAt < MAX_RUN_MS,
        log: (line) => context.log(JSON.stringify(line)),
        reportFailure,
      }).then(
        (next) => {
          after = next;
        },
        (error: unknown) => {
          // The place may be the reason.
          after = undefined;
          reportFailure(error);
        },
      );
      for (const [, error] of failures) {
        context.error(failureLine(null, problemOf(error).code, error, locateError));
      }
      // Throwing makes the host count the run as failed.
      if (failures.has("internal_error")) throw failures.get("internal_error");
    },
  };
}
