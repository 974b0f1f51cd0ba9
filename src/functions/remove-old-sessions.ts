import type { InvocationContext, TimerHandler } from "@azure/functions";
import { failureLine, problemOf } from "../http/problem.ts";
import type { Adapters } from "./ports.ts";

type RemovalPorts = Pick<Adapters, "sessions" | "registrations" | "storageTime" | "clock" | "locateError"> & {
  readonly retentionDays: number;
};

/** A function that the host runs on a schedule. */
export interface Timer {
  readonly name: string;
  /** NCRONTAB: second, minute, hour, day, month, weekday; in UTC. */
  readonly schedule: string;
  readonly handler: TimerHandler;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
// Flex Consumption stops an execution after 30 minutes. The next run removes the rest.
const MAX_RUN_MS = 20 * 60_000;

/**
 * Removes session records older than the retention period, and tombstones of registrations older than a day.
 * Runs every hour, so that an interrupted run is soon continued. Logs its outcome in one line.
 */
export function removeOldSessions(ports: RemovalPorts): Timer {
  return {
    name: "removeOldSessions",
    schedule: "0 17 * * * *",
    handler: async (_timer, context) => {
      const failures = await removeOld(ports, context).catch((error: unknown) => [error]);
      for (const failure of failures) {
        context.error(failureLine(null, problemOf(failure).code, failure, ports.locateError));
      }
      // Everything removable is removed by now. Throwing makes the host count the run as failed.
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Returns what could not be removed. */
async function removeOld(ports: RemovalPorts, context: InvocationContext): Promise<unknown[]> {
  const { sessions, registrations, clock, retentionDays } = ports;
  const startedAt = clock.elapsed();
  // An instance whose clock is wrong must not remove what others still need.
  const storageTime = await ports.storageTime();
  const appTime = clock.now();
  if (Math.abs(appTime.getTime() - storageTime.getTime()) > HOUR_MS) {
    const line = { event: "removal_skipped", app_time: appTime, storage_time: storageTime };
    context.warn(JSON.stringify(line));
    return [];
  }
  const ago = (days: number) => new Date(storageTime.getTime() - days * DAY_MS);
  const before = ago(retentionDays);
  const shouldContinue = () => clock.elapsed() - startedAt < MAX_RUN_MS;
  // Concurrently: neither waits for the other or fails because of it.
  const [removal, tombstones] = await Promise.allSettled([
    sessions.removeStartedBefore(before, shouldContinue),
    registrations.removeTombstonesBefore(ago(1), shouldContinue),
  ]);
  if (removal.status === "fulfilled") {
    const { removed, finished } = removal.value;
    const duration = Math.round(clock.elapsed() - startedAt);
    const line = { event: "sessions_removed", started_before: before, removed, finished };
    context.log(JSON.stringify({ ...line, duration_ms: duration }));
  }
  return [
    removal.status === "fulfilled" ? removal.value.failure : removal.reason,
    tombstones.status === "fulfilled" ? undefined : tombstones.reason,
  ].filter((failure) => failure !== undefined);
}
