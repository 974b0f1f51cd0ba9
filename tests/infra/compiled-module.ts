import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { infraDirectory, snapshotPlace } from "../../tools/infra/deployments.ts";
import { sharedBicep } from "./with-bicep.ts";

export interface ModuleResource {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: each type of resource has properties of its own
  readonly properties: any;
}

/** A resource id of a workspace, for parameters. */
export const workspaceId = `/subscriptions/${snapshotPlace.subscriptionId}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log`;

/** The resources that a module of `infra/modules` leads to with these parameters, resolved as far as can be. */
export async function resourcesOf(
  module: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<ModuleResource[]> {
  const folder = await mkdtemp(join(tmpdir(), "lkps-infra-"));
  try {
    const file = join(folder, "test.bicepparam");
    // Bicep follows relative paths only.
    const from = relative(folder, join(infraDirectory, "modules", `${module}.bicep`)).replaceAll("\\", "/");
    const lines = Object.entries(parameters).map(([name, value]) => `param ${name} = ${literal(value)}`);
    await writeFile(file, [`using '${from}'`, ...lines].join("\n"));
    const snapshot = await sharedBicep().snapshot(file, { ...snapshotPlace, resourceGroup: "rg" });
    return (JSON.parse(snapshot) as { predictedResources: ModuleResource[] }).predictedResources;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  return typeof value === "string" ? `'${value}'` : JSON.stringify(value);
}
