import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { CLIENT } from "../tests/support/app-registration.ts";
import { attackScenarios } from "./attacks/attack-scenarios.ts";
import { agents, startAttackedService } from "./attacks/attacked-service.ts";
import type { Client, Starts } from "./attacks/client-thread.ts";
import type { Bench, Comparison } from "./bench-types.ts";
import { alternately } from "./measure/alternately.ts";
import { compare, quantile } from "./measure/statistics.ts";
import { columns } from "./report/table.ts";

const FULL = { rounds: 5, seconds: 2, warmUp: 3 };
const SHORT = { rounds: 1, seconds: 0.5, warmUp: 0.2 };

/** The client's results in a round, and the attacker's requests in that time. */
interface Round extends Starts {
  readonly graphRequests: number;
  readonly toAttacker: readonly string[];
}
type Found = Record<"without" | "with", Round[]>;

/** Measures an authorized client's session starts during an attack by another caller, beside the same without it. */
export const underAttack: Bench = {
  name: "attacks",
  run: async ({ isShort, progress }) => {
    const { rounds, seconds, warmUp } = isShort ? SHORT : FULL;
    await using world = await startAttackedService();
    const job: Client = { app: world.app, caller: CLIENT, agents, startsASecond: 20 };
    await using client = new Worker(new URL("./attacks/client-thread.ts", import.meta.url), {
      workerData: job,
    });

    const comparisons: Comparison[] = [];
    const rows = [
      [
        "attack",
        "errors without it",
        "errors with it",
        "reads of Graph without it",
        "with it",
        "answers to the attacker",
      ],
    ];
    for (const { name, settings, prepare } of attackScenarios) {
      progress(name);
      await world.restart(settings);
      const attack = await prepare(world.app, warmUp + rounds * seconds);
      const found: Found = { without: [], with: [] };
      const round =
        (side: keyof Found, duration = seconds) =>
        async () => {
          const before = world.graphRequests();
          client.postMessage(duration);
          const answered = once(client, "message") as Promise<[Starts]>;
          const [[starts], toAttacker] = await Promise.all([
            answered,
            side === "with" ? attack(duration) : [],
          ]);
          return found[side].push({ ...starts, toAttacker, graphRequests: world.graphRequests() - before });
        };
      await round("with", warmUp)();
      found.with.length = 0;
      await alternately({ without: round("without"), with: round("with") }, rounds);
      comparisons.push(...comparisonsOf(name, found));
      rows.push(rowOf(name, found));
    }
    return { comparisons, notes: [`Of the client's session starts, 20 per second:\n\n${columns(rows)}`] };
  },
};

function comparisonsOf(name: string, found: Found): Comparison[] {
  const p50 = (side: keyof Found) => found[side].map(({ latencies }) => quantile(latencies, 0.5));
  // One round has too few starts for these.
  const p99 = (side: keyof Found) => [
    quantile(
      found[side].flatMap(({ latencies }) => latencies),
      0.99,
    ),
  ];
  const served = (side: keyof Found) => {
    const said = found[side].flatMap((round) => round.said);
    return [(100 * said.filter((each) => each === "200").length) / said.length];
  };
  const beside = "without the attack";
  return [
    compare({ what: `${name}, p50`, beside, unit: "ms" }, p50("with"), p50("without"), { atMost: 1.5 }),
    compare({ what: `${name}, p99`, beside, unit: "ms" }, p99("with"), p99("without")),
    compare({ what: `${name}, sessions`, beside, unit: "%" }, served("with"), served("without"), {
      atLeast: 1,
    }),
  ];
}

function rowOf(name: string, found: Found): string[] {
  const sides = [found.without, found.with];
  const errors = sides.map((rounds) =>
    counted(rounds.flatMap(({ said }) => said.filter((each) => each !== "200"))),
  );
  const asked = sides.map((rounds) =>
    String(rounds.reduce((sum, { graphRequests }) => sum + graphRequests, 0)),
  );
  return [name, ...errors, ...asked, counted(found.with.flatMap(({ toAttacker }) => toAttacker))];
}

/** Counts equal values. */
function counted(said: readonly string[]): string {
  const groups = Object.entries(Object.groupBy(said, (each) => each));
  return groups.map(([each, { length = 0 } = []]) => `${length} × ${each}`).join(", ") || "0";
}
