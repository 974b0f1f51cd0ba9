import {
  cachedAgents,
  graphUnits,
  instanceSizes,
  regionCores,
  removalRunSeconds,
  tableLimits,
  unitsOfRead,
} from "./limits.ts";
import type { Load } from "./load.ts";
import { type Usage, usageOf } from "./model.ts";

/** One limit: how much of it a load uses. */
interface Limit {
  readonly name: string;
  readonly used: (usage: Usage, load: Load) => number;
  readonly limit: (load: Load) => number;
}

const unitsIn10Seconds = (readsPerSecond: number) => readsPerSecond * 10 * unitsOfRead;
const graphLimit = ({ tenant }: Load) => graphUnits[tenant];

/** Every limit that a load can reach, in the order of a request's way. */
export const limits: readonly Limit[] = [
  { name: "instances", used: ({ instances }) => instances, limit: ({ maxInstances }) => maxInstances },
  {
    name: "cores of the subscription in the region",
    used: ({ instances }, { memoryMb }) => instances * instanceSizes[memoryMb].cores,
    limit: () => regionCores,
  },
  {
    name: "busiest agent's registration: operations/s on its partition",
    used: ({ registrationPartition }) => registrationPartition,
    limit: () => tableLimits.partition,
  },
  {
    name: "busiest agent's sessions: operations/s on each of 16 partitions",
    used: ({ sessionPartition }) => sessionPartition,
    limit: () => tableLimits.partition,
  },
  {
    name: "table operations/s of the storage account",
    used: ({ tableOperations }) => tableOperations,
    limit: () => tableLimits.account,
  },
  {
    name: "Graph: resource units in 10 s, expected",
    used: ({ graphReads }) => unitsIn10Seconds(graphReads),
    limit: graphLimit,
  },
  {
    name: "Graph: the same, if every request were denied",
    used: ({ mostGraphReads }) => unitsIn10Seconds(mostGraphReads),
    limit: graphLimit,
  },
  { name: "agents in one instance's cache", used: (_, { agents }) => agents, limit: () => cachedAgents },
  {
    name: "removal of old sessions: seconds of its run each hour",
    used: ({ removal }) => removal.seconds,
    limit: () => removalRunSeconds,
  },
];

/** More starts a second than this model is for. */
const MOST_STARTS = 1e6;

/** From how many starts a second on a limit is exceeded, all else being equal; `undefined` where starts do not move it. */
export function reachedAt({ used, limit }: Limit, load: Load): number | undefined {
  const exceeds = (startsPerSecond: number) => {
    const other = { ...load, startsPerSecond };
    return used(usageOf(other), other) > limit(other);
  };
  let [below, above] = [0, MOST_STARTS];
  if (exceeds(below) || !exceeds(above)) return undefined;
  while (above - below > above / 1_000) {
    const middle = (below + above) / 2;
    if (exceeds(middle)) above = middle;
    else below = middle;
  }
  return above;
}
