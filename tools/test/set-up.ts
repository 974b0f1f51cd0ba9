import type { TestProject } from "vitest/node";
import { buildApp } from "../build.ts";
import { type Need, whatIsMissing } from "./needs.ts";

/** What takes seconds to find, or must not be found by two test files at once, by project. */
const needsOf: Readonly<Record<string, readonly Need[]>> = {
  e2e: ["kiota"],
  infra: ["bicep", "oldestBicep"],
  ocelot: ["ocelot"],
};

/** Vitest's global setup: builds dist/, and looks once for what a project's tests need. */
export async function setup(project: TestProject): Promise<void> {
  if (project.isRootProject()) await buildApp();
  const found: Partial<Record<Need, string | null>> = {};
  for (const need of needsOf[project.name] ?? []) found[need] = await whatIsMissing(need);
  project.provide("missing", found);
}
