/** Requests a second about one agent, in all or on one instance. */
export interface Arrivals {
  readonly allowed: number;
  readonly denied: number;
}

/** No denial rests on an older reading, and no agent is read more often. */
const LEAST_SECONDS = 1;

/**
 * How often one instance reads one agent's application, in reads a second. A read is followed by a second in which
 * nobody needs another; after it the next denied request does, and after `cacheSeconds` any request. So this is one by
 * the mean time between two reads, exact for arrivals at random. How long a read takes does not matter: it counts from
 * when it was asked for, and whoever comes meanwhile waits for it.
 */
function readsOnInstance({ allowed, denied }: Arrivals, cacheSeconds: number): number {
  const all = allowed + denied;
  if (all === 0) return 0;
  if (cacheSeconds === 0) return all;
  const cached = cacheSeconds - LEAST_SECONDS;
  const untilDenied = denied === 0 ? cached : -Math.expm1(-denied * cached) / denied;
  const outlasts = Math.exp(-denied * cached);
  return 1 / (LEAST_SECONDS + untilDenied + outlasts / all);
}

/** Reads a second of one agent's application by all instances, each of which has a cache of its own. */
export function reads({ allowed, denied }: Arrivals, cacheSeconds: number, instances: number): number {
  const onOne = { allowed: allowed / instances, denied: denied / instances };
  return instances * readsOnInstance(onOne, cacheSeconds);
}

/** What no arrivals at all can exceed: each request reads once, and with a cache an agent is read once a second. */
export function mostReads({ allowed, denied }: Arrivals, cacheSeconds: number, instances: number): number {
  const all = allowed + denied;
  return cacheSeconds === 0 ? all : Math.min(all, instances / LEAST_SECONDS);
}
