import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findBicep } from "./infra/bicep.ts";
import { startBicepRpc } from "./infra/bicep-rpc.ts";
import {
  deploymentVariables,
  infraDirectory,
  portalTemplateFile,
  snapshotFile,
  snapshotPlace,
  snapshots,
} from "./infra/deployments.ts";

// Regenerates azuredeploy.json and each deployment's snapshot from infra/, so that reviewers see the differences. The tests fail until this has been run: node tools/bootstrap.mjs tools/infra.ts

const found = await findBicep();
if ("missing" in found) {
  console.error(`The infrastructure cannot be compiled: ${found.missing}.`);
  process.exit(1);
}
await using bicep = startBicepRpc(found.path, {});
const { contents, diagnostics } = await bicep.compile(join(infraDirectory, "app.bicep"));
if (contents === null || diagnostics.length > 0) {
  console.error(JSON.stringify(diagnostics, null, 2));
  process.exit(1);
}
await writeFile(portalTemplateFile, contents);
for (const { name, file, variables } of snapshots) {
  await using ofDeployment = startBicepRpc(found.path, { ...deploymentVariables, ...variables });
  const snapshot = await ofDeployment.snapshot(file, snapshotPlace);
  const { outputs, ...rest } = JSON.parse(snapshot);
  // Bicep writes the outputs in a different order each time.
  const sorted = Object.fromEntries(Object.entries(outputs).sort());
  await writeFile(snapshotFile(name), JSON.stringify({ ...rest, outputs: sorted }, null, 2));
}
