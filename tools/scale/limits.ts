// What the platform takes, as its documentation says. Targets and quotas change: docs/SCALE.md says where each is from.

/** Resource units in 10 seconds for one application in one tenant, by the tenant's users: under 50, up to 500, more. */
export const graphUnits = { S: 3_500, M: 5_000, L: 8_000 } as const;
/** What reading one application costs: 1 at the least, and `$select` takes 1 off whatever else it would be. */
export const unitsOfRead = 1;

/** Operations a second on entities of 1 KiB. */
export const tableLimits = { partition: 2_000, account: 20_000 } as const;

/** Flex Consumption's sizes of an instance, by MB of memory. */
export const instanceSizes = {
  512: { cores: 0.25, concurrency: 4 },
  2048: { cores: 1, concurrency: 16 },
  4096: { cores: 2, concurrency: 32 },
} as const;
/** For all Flex Consumption apps of a subscription in a region, unless it asks for more. */
export const regionCores = 250;

/** LKPS's own: `MAX_CACHED_APPLICATIONS` in src/adapters-of.ts, `MAX_RUN_MS` in src/functions/remove-old-sessions.ts. */
export const cachedAgents = 1_000;
export const removalRunSeconds = 1_200;
