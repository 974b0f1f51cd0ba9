import type { ClientId } from "../domain/client-id.ts";
import type { Clock } from "../domain/ports.ts";
import type { Registration } from "../domain/registration.ts";
import type { AuthorizePorts } from "./authorize.ts";

/** What the evaluations of one request need. */
export interface EvaluationPorts extends AuthorizePorts {
  /** The time limit for all their registrations, in milliseconds. */
  readonly tablesTimeoutMs: number;
}

/**
 * Ports for the evaluations of one request. They read each agent's registration once, so that a batch about one agent
 * costs one read of Table Storage, and have one time limit for all registrations and one for all applications.
 */
export function shareReads(ports: EvaluationPorts): AuthorizePorts {
  const { clock, registrations, applications } = ports;
  const tablesTime = timeBudget(clock, ports.tablesTimeoutMs);
  const graphTime = timeBudget(clock, ports.graphTimeoutMs);
  const found = new Map<ClientId, Promise<Registration | undefined>>();
  return {
    ...ports,
    registrations: {
      find: (agent) => {
        const shared = found.get(agent) ?? tablesTime((leftMs) => registrations.find(agent, leftMs));
        found.set(agent, shared);
        return shared;
      },
    },
    applications: {
      read: (agent, { rateLimit }, notBefore) =>
        graphTime((leftMs) =>
          applications.read(agent, { deadline: clock.elapsed() + leftMs, rateLimit }, notBefore),
        ),
    },
  };
}

/** Runs an operation, which gets the milliseconds that are left and must end within them. */
type SpendTime = <T>(operation: (leftMs: number) => Promise<T>) => Promise<T>;

/**
 * Time that several operations have in common. It passes while at least one of them runs, no matter how many do, and
 * stands still in between: what is slow elsewhere does not use it up.
 */
function timeBudget(clock: Pick<Clock, "elapsed">, totalMs: number): SpendTime {
  let leftMs = totalMs;
  let running = 0;
  let runningSince = 0;
  return async (operation) => {
    const now = clock.elapsed();
    if (running++ === 0) runningSince = now;
    try {
      return await operation(Math.max(0, leftMs - (now - runningSince)));
    } finally {
      if (--running === 0) leftMs -= clock.elapsed() - runningSince;
    }
  };
}
