import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { findBicep } from "../../tools/infra/bicep.ts";
import { startBicepRpc } from "../../tools/infra/bicep-rpc.ts";
import { repositoryRoot } from "../../tools/repository.ts";

/** The Bicep CLI, or why there is none. */
export const bicep = await findBicep();

/** What a describe's name ends with, so that nobody overlooks what was not tested. */
export const skipped = "missing" in bicep ? ` (skipped: ${bicep.missing.split("\n")[0]})` : "";

const ID = "00000000-0000-4000-8000-000000000001";

/** A resource id of a workspace, for parameters. */
export const workspaceId = `/subscriptions/${ID}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log`;

interface Resource {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: each type of resource has properties of its own
  readonly properties: any;
}

/** The resources that a module of `infra/modules` leads to with these parameters, resolved as far as can be. */
export async function resourcesOf(module: string, parameters: Record<string, unknown>): Promise<Resource[]> {
  if ("missing" in bicep) throw new Error(bicep.missing);
  // Bicep follows relative paths only.
  const folder = await mkdtemp(join(tmpdir(), "lkps-test-"));
  try {
    const file = join(folder, "test.bicepparam");
    const from = relative(folder, join(repositoryRoot, "infra", "modules", `${module}.bicep`));
    const lines = Object.entries(parameters).map(([name, value]) => `param ${name} = ${literal(value)}`);
    await writeFile(file, [`using '${from}'`, ...lines].join("\n"));
    await using rpc = startBicepRpc(bicep.path, {});
    const place = {
      tenantId: ID,
      subscriptionId: ID,
      resourceGroup: "rg",
      location: "westeurope",
      deploymentName: "test",
    };
    return (JSON.parse(await rpc.snapshot(file, place)) as { predictedResources: Resource[] })
      .predictedResources;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  return typeof value === "string" ? `'${value}'` : JSON.stringify(value);
}
