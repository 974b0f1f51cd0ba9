import { OTHER_CLIENT as ATTACKER } from "../../tests/support/app-registration.ts";
import { latenciesOf } from "../warm-start/latencies-of.ts";
import { agentOf } from "./attacked-service.ts";
import { type AppAddress, atRate, sendAsGateway } from "./send.ts";

/** An attack by a caller that no agent has authorized. */
export interface AttackScenario {
  readonly name: string;
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Prepares the attack.
   *
   * @returns runs the attack, and returns its answers
   */
  prepare(app: AppAddress, seconds: number): Promise<(seconds: number) => Promise<string[]>>;
}

const AGENTS = 40;
const STARTS_A_SECOND = 50;
const subject = { type: "client_application", id: ATTACKER };
const action = { name: "access_as_client" };

/** Searches one after the other, through all pages. */
const search: AttackScenario["prepare"] = async (app) => {
  await register(app, 0, AGENTS);
  return async (seconds) => {
    const answers: string[] = [];
    const until = performance.now() + seconds * 1_000;
    for (let token = ""; performance.now() < until; ) {
      const body = JSON.stringify({ subject, action, resource: { type: "agent" }, page: { token } });
      const { said, json } = await sendAsGateway(app, ATTACKER, "/api/access/v1/search/resource", body);
      answers.push(said);
      token = json.page?.next_token ?? "";
    }
    return answers;
  };
};

/** A body of 62 KB: thousands of properties, as the default of a hundred evaluations. */
const largeBatch = JSON.stringify({
  evaluations: Array(100).fill({}),
  subject,
  action: {
    ...action,
    properties: Object.fromEntries(Array.from({ length: 7_900 }, (_, n) => [n.toString(36), 0])),
  },
  resource: { type: "agent", id: ATTACKER },
});

/** In this order, so that searches find 40 agents at most: Azurite lists large tables slowly. */
export const attackScenarios: readonly AttackScenario[] = [
  { name: "searches, one at a time", prepare: search },
  // To show that the limit is not the only protection.
  {
    name: "searches, 10,000 reads per caller",
    settings: { GRAPH_READS_PER_CALLER: "10000" },
    prepare: search,
  },
  {
    name: "four bodies of 62 KB per second",
    prepare: async (app) => (seconds) =>
      atRate(
        4,
        seconds,
        async () => (await sendAsGateway(app, ATTACKER, "/api/access/v1/evaluations", largeBatch)).said,
      ),
  },
  {
    name: "50 starts per second, agents never read before",
    prepare: async (app, total) => {
      await register(app, AGENTS, Math.ceil(total * STARTS_A_SECOND));
      let next = AGENTS;
      return (seconds) =>
        atRate(STARTS_A_SECOND, seconds, async () => {
          const body = JSON.stringify({ agent_entra_app_id: agentOf(next++) });
          return (await sendAsGateway(app, ATTACKER, "/api/session/start", body)).said;
        });
    },
  },
];

async function register(app: AppAddress, from: number, count: number): Promise<void> {
  let next = from;
  const one = async () => {
    const { said } = await sendAsGateway(app, agentOf(next++), "/api/agent/register", "{}");
    if (!/^20[01]$/.test(said)) throw new Error(`The agent was not registered: ${said}`);
  };
  await latenciesOf(one, count, 10);
}
