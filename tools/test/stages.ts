import { glob } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { startVitest } from "vitest/node";
import { repositoryRoot } from "../repository.ts";
import { findNeed, type Need } from "./needs.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

/** Tests that run together, and before the next ones. */
export interface Stage {
  /** The folder of the tests. */
  readonly name: string;
  /** What at least one of them needs. */
  readonly needs: readonly Need[];
}

/** All stages, the quickest first. */
export const stages: readonly Stage[] = [
  { name: "unit", needs: [] },
  { name: "integration", needs: [] },
  { name: "e2e", needs: ["browser", "kiota", "openssl", "posix", "proc"] },
  { name: "infra", needs: ["bicep", "dotnet", "posix"] },
  { name: "ocelot", needs: ["ocelot"] },
  { name: "livekit", needs: ["livekit", "browser"] },
];

/** The test files of a stage whose path contains one of the filters; all of them if there is no filter. */
export async function filesOf({ name }: Stage, filters: readonly string[]): Promise<string[]> {
  const files = await Array.fromAsync(glob(`tests/${name}/**/*.test.ts`, { cwd: repositoryRoot }));
  return files
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .sort();
}

/** Runs these test files of a stage. */
export async function runStage({ needs }: Stage, include: string[]): Promise<Outcome> {
  // Here and not in each test file: some answers take seconds.
  for (const need of needs) await findNeed(need);
  const vitest = await startVitest("test", [], {
    ...{ watch: false, root: repositoryRoot, include, exclude: [], allowOnly: true },
    // Vitest leaves one core to itself, which on two cores is half of the machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  });
  const outcome = await outcomeOf(vitest);
  await vitest.close();
  return outcome;
}
