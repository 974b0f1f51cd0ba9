import { readdirSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../repository.ts";
import type { SnapshotPlace } from "./bicep-rpc.ts";

export const infraDirectory = join(repositoryRoot, "infra");

/** Environment variables for parameter files in tests and snapshots. */
export const deploymentVariables = {
  AZURE_LOCATION: "westeurope",
  LIVEKIT_URL: "wss://livekit.example",
  LIVEKIT_API_KEY: "key",
  LIVEKIT_API_SECRET: "not-a-secret-but-long-enough-for-one",
  ALERT_EMAILS: "operators@example.com",
};

/** The imaginary target of snapshots. */
export const snapshotPlace: SnapshotPlace = {
  tenantId: "7e4a4700-0000-4000-8000-000000000001",
  subscriptionId: "5ab5c7e0-0000-4000-8000-000000000001",
  location: "westeurope",
  deploymentName: "lkps",
};

/** The environments, one `.bicepparam` file each. `main.bicepparam` is azd's working copy of one of them. */
export const environments = readdirSync(infraDirectory)
  .filter((file) => file.endsWith(".bicepparam") && file !== "main.bicepparam")
  .map((file) => file.replace(".bicepparam", ""));

/** All templates except infra/graph, which needs an extension. */
export const templates = [".", "modules"].flatMap((folder) =>
  readdirSync(join(infraDirectory, folder))
    .filter((file) => file.endsWith(".bicep"))
    .map((file) => join(folder, file)),
);

export const parametersFile = (environment: string) => join(infraDirectory, `${environment}.bicepparam`);
export const snapshotFile = (environment: string) => join(infraDirectory, `${environment}.snapshot.json`);

/** The template of the *Deploy to Azure* button: app.bicep, compiled. */
export const buttonTemplateFile = join(infraDirectory, "azuredeploy.json");
