import { prices } from "./prices.ts";

/** A month's use, evenly spread. */
export interface MonthlyUse {
  /** Calls of functions, whatever came of them. */
  readonly executions: number;
  /** How long one takes. */
  readonly durationSeconds: number;
  /** Sessions started. */
  readonly sessions: number;
  readonly tableOperations: number;
  /** How long one run of the hourly timer takes, on an instance of its own. */
  readonly timerSeconds: number;
  readonly instances: number;
  readonly memoryGb: number;
  readonly retentionDays: number;
}

/** The parts of a month's bill in dollars. */
export interface Bill {
  readonly functions: number;
  readonly tables: number;
  readonly telemetry: number;
  readonly hostLog: number;
  readonly storageLog: number;
  readonly alerts: number;
}

const monthHours = 730;
export const monthSeconds = monthHours * 3_600;

/** What is stored and logged, in KB; of a log's line as Log Analytics bills it. */
const sizes = {
  session: 0.6,
  telemetry: 4, // Application Insights: a request, the decision, the host's two lines
  hostLog: 2.5, // FunctionAppLogs: the same lines again
  storageLog: 1.2, // StorageWrite: the session's insert
};
/** The shortest time that an active instance is billed for. */
const LEAST_BILLED_SECONDS = 1;
const MONTH_DAYS = 30;

/** The bill of a month with this use. */
export function billOf(use: MonthlyUse): Bill {
  const billed = (seconds: number) => Math.max(LEAST_BILLED_SECONDS, seconds);
  // An instance is billed while at least one call is in it, and a second at least: with calls at random, equally many
  // to each instance, that is this share of the time.
  const busy = 1 - Math.exp((-use.executions / use.instances / monthSeconds) * billed(use.durationSeconds));
  const seconds = use.instances * busy * monthSeconds + monthHours * billed(use.timerSeconds);
  const gbSeconds = seconds * use.memoryGb;
  const gb = (times: number, kb: number) => (times * kb) / 1e6;
  // The free gigabytes are counted against telemetry, which everybody has.
  const logs = (used: number, free = 0) => Math.max(0, used - free) * prices.logGb;
  return {
    functions:
      Math.max(0, gbSeconds - prices.freeGbSeconds) * prices.gbSecond +
      (Math.max(0, use.executions - prices.freeExecutions) / 1e6) * prices.millionExecutions,
    tables:
      (use.tableOperations * prices.tenThousandTableOperations) / 1e4 +
      gb(use.sessions, sizes.session) * (use.retentionDays / MONTH_DAYS) * prices.tableGb,
    telemetry: logs(gb(use.executions, sizes.telemetry), prices.freeLogGb),
    hostLog: logs(gb(use.executions, sizes.hostLog)),
    storageLog: logs(gb(use.sessions, sizes.storageLog)),
    alerts: prices.alertRules,
  };
}

/** All of a bill. */
export function sumOf({ functions, tables, telemetry, hostLog, storageLog, alerts }: Bill): number {
  return functions + tables + telemetry + hostLog + storageLog + alerts;
}

/** What the parts are called. */
export const billRows: readonly (readonly [label: string, part: keyof Bill])[] = [
  ["Functions: Flex Consumption, on demand", "functions"],
  ["Tables: operations, and the sessions that are kept", "tables"],
  ["Application Insights", "telemetry"],
  ["Host's log beside it (`logs.functionAppLogs`)", "hostLog"],
  ["Storage's log (`logs.storage`)", "storageLog"],
  ["Alert rules", "alerts"],
];
