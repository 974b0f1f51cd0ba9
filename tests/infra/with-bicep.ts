import { describe } from "vitest";
import { findBicep } from "../../tools/infra/bicep.ts";
import { type BicepRpc, startBicepRpc } from "../../tools/infra/bicep-rpc.ts";
import { deploymentVariables } from "../../tools/infra/deployments.ts";

const found = await findBicep();

/**
 * Tests that take the Bicep CLI. Where none can be had they are skipped, and their name says why; in CI, which must be
 * able to have one, they fail.
 */
export function describeWithBicep(name: string, body: () => void): void {
  if ("path" in found) describe(name, body);
  else if (process.env["CI"]) throw new Error(`The infrastructure cannot be tested: ${found.missing}.`);
  else describe.skip(`${name} (skipped: ${found.missing})`, body);
}

/** Path of the CLI; only inside of {@link describeWithBicep}. */
export function bicepPath(): string {
  if ("missing" in found) throw new Error(found.missing);
  return found.path;
}

/** A Bicep CLI that answers in milliseconds; the caller disposes of it. */
export function startBicep(): BicepRpc {
  return startBicepRpc(bicepPath(), deploymentVariables);
}
