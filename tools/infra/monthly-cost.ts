// What LKPS costs a month: the table in docs/deploy.md is this arithmetic. Prices are list prices in US dollars, pay as
// you go, without taxes and discounts; they differ a little by region.

/** As published in November 2026; the Azure price calculator has today's. */
const price = {
  /** Flex Consumption, on demand, after 100,000 GB-seconds. */
  gbSecond: 0.000026,
  freeGbSeconds: 100_000,
  /** After 250,000. */
  millionExecutions: 0.4,
  freeExecutions: 250_000,
  tenThousandTableOperations: 0.00036,
  /** A GB of tables for a month, locally redundant. */
  tableGb: 0.045,
  /** Log Analytics, after 5 GB. */
  logGb: 2.3,
  freeLogGb: 5,
  /** Three rules that look every 5 minutes, two that look every 15 or less often. */
  alertRules: 3 * 1.5 + 2 * 0.5,
};

/** What one session start takes. Sizes are of the line as Log Analytics bills it. */
const start = {
  tableOperations: 3, // the registration's read, the session's insert, and its removal later
  sessionKb: 0.6,
  telemetryKb: 4, // Application Insights: a request, the decision, the host's two lines
  hostLogKb: 2.5, // FunctionAppLogs: the same lines again
  storageLogKb: 1.2, // StorageWrite: the session's insert
};
const retentionMonths = 3;
const monthSeconds = 730 * 3_600;
/** Shortest time that an active instance is billed for. */
const leastBilledSeconds = 1;

/** The parts of a month's bill in dollars. */
interface MonthlyCost {
  readonly functions: number;
  readonly tables: number;
  readonly telemetry: number;
  readonly hostLog: number;
  readonly storageLog: number;
  readonly alerts: number;
}

/** The bill of a month with so many session starts, evenly spread, on instances of so much memory. */
function monthlyCost(starts: number, memoryGb: number): MonthlyCost {
  // An instance is billed while at least one request is in it, and a second at least: with arrivals at random that is
  // this share of the time. One instance is enough for 100 million a month: some 40 a second of some 50 ms each.
  const busy = 1 - Math.exp(-(starts / monthSeconds) * leastBilledSeconds);
  const gbSeconds = busy * monthSeconds * memoryGb;
  const functions =
    Math.max(0, gbSeconds - price.freeGbSeconds) * price.gbSecond +
    (Math.max(0, starts - price.freeExecutions) / 1e6) * price.millionExecutions;
  const operations = (starts * start.tableOperations * price.tenThousandTableOperations) / 1e4;
  const stored = ((starts * retentionMonths * start.sessionKb) / 1e6) * price.tableGb;
  const gb = (kb: number) => (starts * kb) / 1e6;
  // The free gigabytes are counted against telemetry, which everybody has.
  const logs = (used: number, free = 0) => Math.max(0, used - free) * price.logGb;
  return {
    functions,
    tables: operations + stored,
    telemetry: logs(gb(start.telemetryKb), price.freeLogGb),
    hostLog: logs(gb(start.hostLogKb)),
    storageLog: logs(gb(start.storageLogKb)),
    alerts: price.alertRules,
  };
}

const rows: readonly (readonly [label: string, part: keyof MonthlyCost])[] = [
  ["Functions: Flex Consumption, on demand", "functions"],
  ["Tables: operations, and 90 days of sessions", "tables"],
  ["Application Insights", "telemetry"],
  ["Host's log beside it (`logs.functionAppLogs`)", "hostLog"],
  ["Storage's log (`logs.storage`)", "storageLog"],
  ["Alert rules", "alerts"],
];

/** The table of docs/deploy.md, as Markdown: 0, 1 million and 100 million starts on 2 GB instances. */
export function costTable(): string {
  const costs = [0, 1e6, 100e6].map((starts) => monthlyCost(starts, 2));
  const line = (label: string, amounts: readonly number[]) =>
    `| ${label} | ${amounts.map((amount) => `$${amount.toFixed(2)}`).join(" | ")} |`;
  const total = ({ functions, tables, telemetry, hostLog, storageLog, alerts }: MonthlyCost) =>
    functions + tables + telemetry + hostLog + storageLog + alerts;
  return [
    "| a month | 0 starts | 1 million | 100 million |",
    "|---|--:|--:|--:|",
    ...rows.map(([label, part]) =>
      line(
        label,
        costs.map((cost) => cost[part]),
      ),
    ),
    line("**All**", costs.map(total)),
  ].join("\n");
}
