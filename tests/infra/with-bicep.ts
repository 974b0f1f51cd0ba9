import { describe } from "vitest";
import { findBicep } from "../../tools/infra/bicep.ts";
import { type BicepRpc, startBicepRpc } from "../../tools/infra/bicep-rpc.ts";
import { deploymentVariables } from "../../tools/infra/deployments.ts";
import { needs } from "../../tools/test/needs.ts";

const options = await needs("bicep");
const found = await findBicep();

/** Tests that take the Bicep CLI. */
export function describeWithBicep(name: string, body: () => void): void {
  describe(name, options, body);
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
