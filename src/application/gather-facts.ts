import type { ClientId } from "../domain/client-id.ts";
import type { Facts } from "../domain/decision.ts";
import { type ApplicationSnapshot, type GraphRateLimit, RateLimitError } from "../domain/graph-reading.ts";
import type { ApplicationDirectory, Clock } from "../domain/ports.ts";
import type { RegistrationStore, SessionLimits } from "../domain/registration.ts";
import { forEachAtOnce } from "./for-each-at-once.ts";

/** What the check of live sessions decides about an agent's clients on. */
export interface AgentFacts {
  /** `undefined` if the directory could not be read. */
  readonly facts: Facts | undefined;
  readonly limits: SessionLimits;
}

/** What reading the facts needs. */
export interface FactsPorts {
  readonly registrations: Pick<RegistrationStore, "find">;
  readonly applications: Pick<ApplicationDirectory, "readMany">;
  readonly clock: Pick<Clock, "elapsed">;
  readonly wait: (ms: number) => Promise<unknown>;
  readonly graphTimeoutMs: number;
  /** The rate limit of all checks of this instance. */
  readonly rateLimit: GraphRateLimit;
}

// A Graph batch holds 20.
const AGENTS_AT_ONCE = 20;
const BATCHES_AT_ONCE = 4;

/**
 * Reads the facts about agents. An agent whose registration can't be read is missing in the result.
 *
 * @param notBefore - the earliest acceptable time of a reading of Graph, on the clock of `Clock.elapsed`
 */
export async function gatherFacts(
  ports: FactsPorts,
  agents: readonly ClientId[],
  notBefore: number,
  reportFailure: (error: unknown) => void,
): Promise<ReadonlyMap<ClientId, AgentFacts>> {
  const gathered = new Map<ClientId, AgentFacts>();
  const enforced = new Map<ClientId, SessionLimits>();
  await forEachAtOnce(AGENTS_AT_ONCE, agents, async (agent) => {
    try {
      const registration = await ports.registrations.find(agent);
      const limits = registration?.limits ?? {};
      if (registration?.enforceClientAuthz) enforced.set(agent, limits);
      else {
        const facts: Facts = { registration: registration === undefined ? "none" : "enforcement_disabled" };
        gathered.set(agent, { facts, limits });
      }
    } catch (error) {
      reportFailure(error);
    }
  });
  const all = [...enforced.keys()];
  const batches = Array.from({ length: Math.ceil(all.length / AGENTS_AT_ONCE) }, (_, n) =>
    all.slice(n * AGENTS_AT_ONCE, (n + 1) * AGENTS_AT_ONCE),
  );
  await forEachAtOnce(BATCHES_AT_ONCE, batches, async (batch) => {
    for (const [agent, result] of await readWithinRateLimit(ports, batch, notBefore)) {
      const limits = enforced.get(agent) ?? {};
      if (result.status === "rejected") reportFailure(result.reason);
      const facts: Facts | undefined =
        result.status === "rejected"
          ? undefined
          : { registration: "enforced", identity: result.value.identity };
      gathered.set(agent, { facts, limits });
    }
  });
  return gathered;
}

/** Reads the agents' applications. Waits if the rate limit is spent: the check is in no hurry. */
async function readWithinRateLimit(
  { applications, clock, wait, graphTimeoutMs, rateLimit }: FactsPorts,
  agents: readonly ClientId[],
  notBefore: number,
): Promise<ReadonlyMap<ClientId, PromiseSettledResult<ApplicationSnapshot>>> {
  const results = new Map<ClientId, PromiseSettledResult<ApplicationSnapshot>>();
  for (let rest = agents; rest.length > 0; ) {
    const limits = { deadline: clock.elapsed() + graphTimeoutMs, rateLimit };
    const asked = rest;
    const found = await applications
      .readMany(asked, limits, notBefore)
      .catch((reason: unknown) => asked.map(() => ({ status: "rejected", reason }) as const));
    let waitSeconds = 0;
    rest = asked.filter((agent, n) => {
      const result = found[n];
      if (result === undefined) throw new Error("The directory returned no result for an agent");
      results.set(agent, result);
      const refusal = result.status === "rejected" ? result.reason : undefined;
      if (!(refusal instanceof RateLimitError)) return false;
      waitSeconds = refusal.retryAfterSeconds;
      return true;
    });
    if (waitSeconds > 0) await wait(waitSeconds * 1_000);
  }
  return results;
}
