import { glob } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { sep } from "node:path";
import { startVitest } from "vitest/node";
import { repositoryRoot } from "../repository-paths.ts";
import { findNeed, type Need } from "./needs.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

/** Tests that run together. Stages run one after the other. */
export interface Stage {
  /** The folder in `tests`. */
  readonly name: string;
  /** What the tests of this stage need. */
  readonly needs: readonly Need[];
}

/** All stages, fastest first. */
export const stages: readonly Stage[] = [
  { name: "unit", needs: [] },
  { name: "integration", needs: [] },
  { name: "e2e", needs: ["browser", "dotnet", "go", "kiota", "openssl", "posix", "proc", "python"] },
  { name: "infra", needs: ["bicep", "dotnet", "posix"] },
  { name: "ocelot", needs: ["ocelot"] },
  { name: "livekit", needs: ["livekit", "browser"] },
];

/** Lists a stage's test files whose path contains one of the filters, or all of them if there is no filter. */
export async function filesOf({ name }: Stage, filters: readonly string[]): Promise<string[]> {
  const files = await Array.fromAsync(glob(`tests/${name}/**/*.test.ts`, { cwd: repositoryRoot }));
  return files
    .map((file) => file.replaceAll(sep, "/"))
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .sort();
}

/** Runs some test files of a stage. */
export async function runStage({ needs }: Stage, include: string[]): Promise<Outcome> {
  // Checked here, because each test file would check again, and some checks take seconds.
  for (const need of needs) await findNeed(need);
  const vitest = await startVitest("test", [], {
    watch: false,
    root: repositoryRoot,
    include,
    exclude: [],
    allowOnly: true,
    // By default, Vitest leaves one core idle, which is half of a machine with two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  });
  const outcome = await outcomeOf(vitest);
  await vitest.close();
  return outcome;
}
