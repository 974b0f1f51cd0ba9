import type { ClientId } from "../domain/client-id.ts";
import { decide, type Facts } from "../domain/decision.ts";
import type { ApplicationSnapshot } from "../domain/graph-reading.ts";
import type { ApplicationDirectory, Clock } from "../domain/ports.ts";
import type { Registration } from "../domain/registration.ts";
import { denyNotBefore, readLimits, type UseCaseContext } from "./use-case-context.ts";

/**
 * Reads the applications of the agents that enforce, and again those that a stale reading would deny. The function that
 * it returns throws if an agent could not be read.
 */
export async function readFacts(
  ports: {
    readonly applications: Pick<ApplicationDirectory, "readMany">;
    readonly clock: Pick<Clock, "elapsed">;
    readonly graphTimeoutMs: number;
  },
  client: ClientId,
  registrations: readonly Registration[],
  context: Pick<UseCaseContext, "arrivedAt" | "rateLimit">,
): Promise<(registration: Registration) => Facts> {
  const limits = readLimits(ports, context);
  const notBefore = denyNotBefore(context);
  const results = new Map<ClientId, PromiseSettledResult<ApplicationSnapshot> | undefined>();
  const factsOf = ({ agent, enforceClientAuthz }: Registration): Facts => {
    if (!enforceClientAuthz) return { registration: "enforcement_disabled" };
    const result = results.get(agent);
    if (result === undefined) throw new Error("The directory returned no result for an agent");
    if (result.status === "rejected") throw result.reason;
    return { registration: "enforced", identity: result.value.identity };
  };
  const isTooOld = (registration: Registration) => {
    const result = results.get(registration.agent);
    if (result?.status !== "fulfilled" || result.value.requestedAt >= notBefore) return false;
    return !decide(registration.agent, client, factsOf(registration)).allowed;
  };
  const read = async (which: readonly Registration[], since?: number) => {
    if (which.length === 0) return;
    const agents = which.map(({ agent }) => agent);
    const found = await ports.applications.readMany(agents, limits, since);
    for (const [n, agent] of agents.entries()) results.set(agent, found[n]);
  };
  await read(registrations.filter(({ enforceClientAuthz }) => enforceClientAuthz));
  await read(registrations.filter(isTooOld), notBefore);
  return factsOf;
}
