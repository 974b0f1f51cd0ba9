import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findBicep } from "./infra/bicep.ts";
import { startBicepRpc } from "./infra/bicep-rpc.ts";
import {
  buttonTemplateFile,
  deploymentVariables,
  environments,
  infraDirectory,
  parametersFile,
  snapshotFile,
  snapshotPlace,
} from "./infra/deployments.ts";
import { repositoryRoot } from "./repository.ts";

// Regenerates azuredeploy.json and each environment's snapshot from infra/, so that reviewers see the
// differences. The tests fail until this has been run: node tools/bootstrap.mjs tools/infra.ts

const found = await findBicep();
if ("missing" in found) {
  console.error(`The infrastructure cannot be compiled: ${found.missing}.`);
  process.exit(1);
}
await using bicep = startBicepRpc(found.path, deploymentVariables);
const { contents, diagnostics } = await bicep.compile(join(infraDirectory, "app.bicep"));
if (contents === null || diagnostics.length > 0) {
  console.error(JSON.stringify(diagnostics, null, 2));
  process.exit(1);
}
const written = [buttonTemplateFile, ...environments.map(snapshotFile)];
await writeFile(buttonTemplateFile, contents);
for (const environment of environments) {
  const snapshot = await bicep.snapshot(parametersFile(environment), snapshotPlace);
  await writeFile(snapshotFile(environment), snapshot);
}
// Formats arrays like the repository; the tests compare the content.
const biome = join(repositoryRoot, "node_modules", ".bin", "biome");
spawnSync(biome, ["format", "--write", ...written], {
  stdio: "inherit",
  shell: process.platform === "win32",
});
