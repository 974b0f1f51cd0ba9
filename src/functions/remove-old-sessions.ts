import type { TimerHandler } from "@azure/functions";
import type { Clock, RegistrationStore, SessionStore } from "../domain/ports.ts";
import { failureLine, type LocateError } from "../http/failure-line.ts";
import { problemOf } from "../http/problem.ts";

interface RemoveOldSessionsPorts {
  readonly sessions: SessionStore;
  readonly registrations: Pick<RegistrationStore, "removeTombstonesBefore">;
  readonly clock: Clock;
  readonly retentionDays: number;
  readonly locateError: LocateError;
}

/** A function that the host runs on a schedule. */
interface Timer {
  readonly name: string;
  /** NCRONTAB: second, minute, hour, day, month, weekday; in UTC. */
  readonly schedule: string;
  readonly handler: TimerHandler;
}

const DAY_MS = 86_400_000;
// Flex Consumption stops an execution after 30 minutes. The next run removes the rest.
const MAX_RUN_MS = 20 * 60_000;

/**
 * Removes session records older than the retention period, and tombstones of registrations older than a day.
 * Runs every hour, so that an interrupted run is soon continued. Logs its outcome in one line.
 */
export function removeOldSessions(ports: RemoveOldSessionsPorts): Timer {
  return {
    name: "removeOldSessions",
    schedule: "0 17 * * * *",
    handler: async (_timer, context) => {
      const { sessions, registrations, clock, retentionDays, locateError } = ports;
      const startedAt = clock.elapsed();
      const yesterday = new Date(clock.now().getTime() - DAY_MS);
      const before = new Date(clock.now().getTime() - retentionDays * DAY_MS);
      const shouldContinue = () => clock.elapsed() - startedAt < MAX_RUN_MS;
      // Concurrently: neither waits for the other or fails because of it.
      const [removal, tombstones] = await Promise.allSettled([
        sessions.removeStartedBefore(before, shouldContinue),
        registrations.removeTombstonesBefore(yesterday, shouldContinue),
      ]);
      if (removal.status === "fulfilled") {
        const { removed, finished } = removal.value;
        const duration = Math.round(clock.elapsed() - startedAt);
        const line = { event: "sessions_removed", started_before: before.toISOString(), removed, finished };
        context.log(JSON.stringify({ ...line, duration_ms: duration }));
      }
      const failures = [
        removal.status === "fulfilled" ? removal.value.failure : removal.reason,
        tombstones.status === "fulfilled" ? undefined : tombstones.reason,
      ].filter((failure) => failure !== undefined);
      for (const failure of failures) {
        context.error(failureLine(null, problemOf(failure).code, failure, locateError));
      }
      // Everything removable is removed by now. Throwing makes the host count the run as failed.
      if (failures.length > 0) throw failures[0];
    },
  };
}
