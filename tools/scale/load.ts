import type { graphUnits, instanceSizes } from "./limits.ts";

/** An agent's sessions lie in as many partitions: src/adapters/tables/session-keys.ts. */
export const SESSION_PARTITIONS = 16;

/** What is asked of LKPS, and how it is set up. Arrivals are at random (Poisson), spread evenly over the instances. */
export interface Load {
  readonly startsPerSecond: number;
  readonly agents: number;
  /** The busiest agent's share of the starts; 0: all agents have the same. */
  readonly busiestPercent: number;
  /** Starts and evaluations that one of the three checks denies. */
  readonly deniedPercent: number;
  readonly evaluationsPerSecond: number;
  readonly probesPerSecond: number;
  /** `GRAPH_CACHE_SECONDS`. */
  readonly cacheSeconds: number;
  /** How long a request is in an instance. */
  readonly durationMs: number;
  readonly memoryMb: keyof typeof instanceSizes;
  /** Requests that an instance serves at once; 0: the platform's own for its memory. */
  readonly concurrency: number;
  /** `maximumInstanceCount`. */
  readonly maxInstances: number;
  readonly tenant: keyof typeof graphUnits;
  /** `SESSION_RETENTION_DAYS`. */
  readonly retentionDays: number;
}

/** The settings' and the template's defaults; the smallest tenant. The duration is assumed, not measured in Azure. */
export const defaultLoad: Load = {
  startsPerSecond: 10,
  agents: 10,
  busiestPercent: 0,
  deniedPercent: 0,
  evaluationsPerSecond: 0,
  probesPerSecond: 0,
  cacheSeconds: 60,
  durationMs: 50,
  memoryMb: 2048,
  concurrency: 0,
  maxInstances: 40,
  tenant: "S",
  retentionDays: 90,
};
