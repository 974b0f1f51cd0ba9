/** `npm run scale -- startsPerSecond=100 …`: what a load uses of each limit, and its monthly cost. See docs/SCALE.md. */

/** A load, and how LKPS is set up. All agents enforce authorization. */
export const defaults = {
  startsPerSecond: 10,
  agents: 10,
  agentIdentityPercent: 0, // the agents that have an agent identity instead of an app registration
  busiestPercent: 0, // the busiest agent's share of the starts; 0: all agents have the same
  deniedPercent: 0,
  evaluationsPerSecond: 0,
  cacheSeconds: 60,
  sessionMinutes: 5, // an assumption: how long a session is live
  checkSeconds: 60, // 0: live sessions are not checked
  webhooksPerSession: 0, // LiveKit sends some 10, if it is configured to
  durationMs: 50, // an assumption: how long a request takes in the app
  memoryMb: 2048, // or 512, 4096
  maxInstances: 40,
  graphUnits: 3500, // in 10 s; in larger tenants 5000 or 8000
  retentionDays: 90,
  logRetentionDays: 30,
};
export type Load = typeof defaults;
const POSITIVE = ["agents", "memoryMb", "maxInstances", "graphUnits"];

const MONTH_SECONDS = 730 * 3_600;

/**
 * Reads of one agent's app registration per second, on `instances` instances that each have a cache. After a read
 * nobody reads for a second; then the next denied request does, and after `cacheSeconds` any request.
 */
function graphReads(allowed: number, denied: number, cacheSeconds: number, instances: number): number {
  if (allowed + denied === 0) return 0;
  if (cacheSeconds === 0) return allowed + denied;
  const [a, d, cached] = [allowed / instances, denied / instances, cacheSeconds - 1];
  const untilDenied = d === 0 ? cached : (1 - Math.exp(-d * cached)) / d;
  return instances / (1 + untilDenied + Math.exp(-d * cached) / (a + d));
}

/** What a load uses: per second unless noted. */
function usageOf(load: Load) {
  const { startsPerSecond: starts, agents, cacheSeconds } = load;
  const denied = load.deniedPercent / 100;
  const decisions = starts + load.evaluationsPerSecond;
  const sessions = starts * (1 - denied);
  const requests = decisions + sessions * load.webhooksPerSession;
  /** Requests to Graph for an agent: its application, or else its service principal and its blueprint, too. */
  const units = 1 + (2 * load.agentIdentityPercent) / 100;
  const atOnce = (requests * load.durationMs) / 1_000;
  const instances = Math.max(1, Math.ceil((atOnce + 3 * Math.sqrt(atOnce)) / (load.memoryMb / 128)));

  const busiest = load.busiestPercent === 0 || agents === 1 ? 1 / agents : load.busiestPercent / 100;
  const others = agents > 1 ? (1 - busiest) / (agents - 1) : 0;
  const sum = (of: (share: number) => number) => of(busiest) + (agents - 1) * of(others);
  const reads = (share: number) =>
    graphReads(decisions * share * (1 - denied), decisions * share * denied, cacheSeconds, instances);
  /** Seconds that the hourly timer takes for one agent: queries of 1,000 sessions, transactions of 100. */
  const removal = (share: number) => {
    const old = (sessions * share * 3_600) / 16;
    return (2 + old / 1_000) * 0.01 + (1 - Math.exp(-old) + old / 100) * 0.1;
  };
  const checks = load.checkSeconds === 0 ? 0 : 1 / load.checkSeconds;
  const live = checks === 0 ? 0 : sessions * load.sessionMinutes * 60;
  // Sessions that are over are checked for another 12 minutes.
  const listed = live === 0 ? 0 : live + sessions * 720;
  const agentsAtCheck = sum((share) => 1 - Math.exp(-listed * share));
  const pages = 1 + listed / 1_000;
  // By webhook, six of them; by the check, who came and that they left. Then it is read and moved to the archive.
  const changes = load.webhooksPerSession > 0 ? 6 : 2 * Math.sign(checks);
  return {
    instances,
    checks,
    secondsPerCheck: 1 + Math.sign(live), // it waits a second before it asks Graph
    checkOperations: checks * (pages + agentsAtCheck),
    checkUnits: Math.min(1_000, units * agentsAtCheck),
    changeOperations: sessions * (2 * changes + 3),
    changeWrites: sessions * (changes + 2),
    tableOperations: decisions + sessions,
    registrationPartition: decisions * busiest,
    sessionPartition: (sessions * busiest) / 16,
    graphUnits: units * sum(reads),
    graphUnitsIfDenied:
      units * sum((share) => Math.min(decisions * share, cacheSeconds ? instances : Infinity)),
    removalSeconds: sum(removal),
    requests,
    sessions,
  };
}

const allTableOperations = (usage: ReturnType<typeof usageOf>) =>
  usage.tableOperations + usage.checkOperations + usage.changeOperations;

/** A month in US dollars, at the list prices in docs/SCALE.md. */
export function billOf(load: Load): Record<string, number> {
  const usage = usageOf(load);
  const { instances, removalSeconds, requests, sessions, checks } = usage;
  const executions = requests + checks;
  const million = (perSecond: number) => (perSecond * MONTH_SECONDS) / 1e6;
  const paid = (used: number, free: number) => Math.max(0, used - free);
  // An instance is billed while it has a request, for at least a second: with random arrivals, this share of the time.
  const busy = 1 - Math.exp((-requests / instances) * Math.max(1, load.durationMs / 1_000));
  const seconds =
    instances * busy * MONTH_SECONDS +
    730 * Math.max(1, removalSeconds) +
    MONTH_SECONDS * checks * usage.secondsPerCheck;
  const gbSeconds = (seconds * load.memoryMb) / 1_024;
  const storedGb = (million(sessions) * 0.6 * load.retentionDays) / 30;
  const logsGb = {
    applicationInsights: million(executions) * 4,
    host: million(executions) * 2.5,
    storage: million(sessions + usage.changeWrites) * 1.2,
  };
  const kept = (gigabytes: number, freeDays: number) =>
    (gigabytes * paid(load.logRetentionDays, freeDays) * 0.1) / 30;
  const bill = {
    Functions: paid(gbSeconds, 100_000) * 0.000026 + paid(million(executions), 0.25) * 0.4,
    "Table Storage": million(allTableOperations(usage)) * 0.036 + storedGb * 0.045,
    "Application Insights": paid(logsGb.applicationInsights, 5) * 2.3,
    "Host log (`logs.functionAppLogs`)": logsGb.host * 2.3,
    "Storage log (`logs.storage`)": logsGb.storage * 2.3,
    "Log retention": kept(logsGb.applicationInsights, 90) + kept(logsGb.host + logsGb.storage, 31),
    "Alert rules": 3 * 1.5 + 5 * 0.5, // every 5 minutes, and every 15 or 30
  };
  return { ...bill, "**Total**": Object.values(bill).reduce((sum, cost) => sum + cost) };
}

/** Every limit and what the load uses of it; the one that the load reaches first comes first. */
export function limitsOf(load: Load): [limit: string, used: number, of: number][] {
  const usage = usageOf(load);
  const limits: [string, number, number][] = [
    ["instances", usage.instances, load.maxInstances],
    ["cores in the region", (usage.instances * load.memoryMb) / 2_048, 250],
    ["operations/s on the busiest agent's registration", usage.registrationPartition, 2_000],
    ["operations/s on each of its 16 session partitions", usage.sessionPartition, 2_000],
    ["operations/s on the storage account", allTableOperations(usage), 20_000],
    ["Graph units in 10 s", usage.graphUnits * 10 + usage.checkUnits, load.graphUnits],
    [
      "Graph units in 10 s if every request were denied",
      usage.graphUnitsIfDenied * 10 + usage.checkUnits,
      load.graphUnits,
    ],
    ["agents in an instance's cache", load.agents, 1_000],
    ["seconds of the hourly removal", usage.removalSeconds, 1_200],
  ];
  return limits.sort(([, usedA, ofA], [, usedB, ofB]) => usedB / ofB - usedA / ofA);
}

/** Both, as tables in Markdown. */
export function scaleTables(load: Load): string {
  const digits = (value: number) =>
    Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 9 });
  const limits = limitsOf(load).map(
    ([limit, used, of]) => `| ${limit} | ${digits(used)} | ${digits(of)} | ${digits((used / of) * 100)}% |\n`,
  );
  const costs = Object.entries(billOf(load)).map(([name, cost]) => `| ${name} | $${cost.toFixed(2)} |\n`);
  return `| limit | used | of | share |\n|---|--:|--:|--:|\n${limits.join("")}\n| cost | a month |\n|---|--:|\n${costs.join("")}`;
}

export function parseLoad(args: readonly string[]): Load {
  const load: Record<string, number> = { ...defaults };
  for (const argument of args) {
    const [name = "", text = ""] = argument.split("=");
    const value = Number(text);
    const isValid =
      text !== "" &&
      value >= (POSITIVE.includes(name) ? 1 : 0) &&
      value <= (name.endsWith("Percent") ? 100 : Number.MAX_SAFE_INTEGER);
    if (!Object.hasOwn(defaults, name) || !isValid)
      throw new Error(`${argument}: expected NAME=NUMBER, where NAME is one of ${Object.keys(defaults)}.`);
    load[name] = value;
  }
  return load as Load;
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  try {
    if (args.includes("--help")) {
      console.log("Usage: npm run scale -- NAME=NUMBER …\n\nNAME, with what it is if not given:");
      for (const [name, value] of Object.entries(defaults)) console.log(`  ${name}=${value}`);
      console.log("\ndocs/SCALE.md explains them.");
    } else process.stdout.write(scaleTables(parseLoad(args)));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 2;
  }
}
