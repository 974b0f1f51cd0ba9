import { agentGroups } from "./agent-groups.ts";
import { type Bill, billOf, monthSeconds } from "./bill.ts";
import { mostReads, reads } from "./graph-reads.ts";
import { instancesFor } from "./instances.ts";
import { type Load, SESSION_PARTITIONS } from "./load.ts";
import { requests } from "./operations.ts";
import { type RemovalRun, removalRun } from "./removal.ts";

/** What a load takes; rates are a second's. */
export interface Usage {
  readonly instances: number;
  readonly tableOperations: number;
  /** On the partition of the busiest agent's registration, and on each of those of its sessions. */
  readonly registrationPartition: number;
  readonly sessionPartition: number;
  readonly graphReads: number;
  /** At the most, however they come, if every request of this load were denied. */
  readonly mostGraphReads: number;
  readonly removal: RemovalRun;
  /** A month of it. */
  readonly bill: Bill;
}

/** The model: from a load to what it takes. */
export function usageOf(load: Load): Usage {
  const { startsPerSecond, evaluationsPerSecond, probesPerSecond, cacheSeconds, durationMs } = load;
  const denied = load.deniedPercent / 100;
  const groups = agentGroups(load);
  const [busiest] = groups;
  const decisions = startsPerSecond + evaluationsPerSecond;
  const all = decisions + probesPerSecond;
  const instances = instancesFor(load, all);

  const arrivals = groups.map(({ agents, share }) => ({
    agents,
    of: { allowed: decisions * share * (1 - denied), denied: decisions * share * denied },
  }));
  const probes = { agents: 1, of: { allowed: 0, denied: probesPerSecond } };
  const sumOfReads = (readsOf: typeof reads) =>
    [...arrivals, probes].reduce(
      (sum, { agents, of }) => sum + agents * readsOf(of, cacheSeconds, instances),
      0,
    );

  const sessions = startsPerSecond * (1 - denied);
  const removal = removalRun(
    groups.map(({ agents, share }) => ({ agents, sessions: sessions * share * 3_600 })),
  );
  const tableOperations =
    sessions * requests.sessionStarted.tables +
    startsPerSecond * denied * requests.startDenied.tables +
    evaluationsPerSecond * requests.evaluationAllowed.tables +
    probesPerSecond * requests.readinessProbed.tables +
    removal.operations / 3_600;
  return {
    instances,
    tableOperations,
    registrationPartition: decisions * busiest.share,
    sessionPartition: (sessions * busiest.share) / SESSION_PARTITIONS,
    graphReads: sumOfReads(reads),
    mostGraphReads: sumOfReads(mostReads),
    removal,
    bill: billOf({
      executions: all * monthSeconds,
      durationSeconds: durationMs / 1_000,
      sessions: sessions * monthSeconds,
      tableOperations: tableOperations * monthSeconds,
      timerSeconds: removal.seconds,
      instances,
      memoryGb: load.memoryMb / 1_024,
      retentionDays: load.retentionDays,
    }),
  };
}
