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

/** A function that the host runs by the clock. */
interface Timer {
  readonly name: string;
  /** Second, minute, hour, day, month, weekday; UTC. */
  readonly schedule: string;
  readonly handler: TimerHandler;
}

const DAY_MS = 86_400_000;
// Flex Consumption ends an execution after 30 minutes: what is left then is the next hour's.
const MAX_RUN_MS = 20 * 60_000;

/**
 * Removes the session records that are older than their retention, and the tombstones of registrations removed more than
 * a day ago. Every hour, so that a run that was interrupted, or ran out of time, is gone on with soon. Its outcome is one
 * line in the log.
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
      // At the same time: neither waits for the other, or fails because of it.
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
      // What could be removed is: what could not makes the host count the run as failed.
      if (failures.length > 0) throw failures[0];
    },
  };
}
