import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../repository-paths.ts";
import type { SnapshotPlace } from "./bicep-rpc.ts";

export const infraDirectory = join(repositoryRoot, "infra");

/** Environment variables for parameter files in tests and snapshots: all that infra/main.bicepparam reads, but two colors. */
export const deploymentVariables = {
  AZURE_ENV_NAME: "np",
  AZURE_LOCATION: "westeurope",
  LIVEKIT_URL: "wss://livekit.example",
  LIVEKIT_API_KEY: "key",
  LIVEKIT_API_SECRET: "not-a-secret-but-long-enough-for-one",
  PUBLIC_BASE_URL: "https://gateway.example",
  ALERT_EMAILS: "operators@example.com",
  ALERT_WEBHOOK: "https://alerts.example/key",
  MONTHLY_BUDGET: "500",
  BUDGET_START: "2026-11",
  ROLLING_UPDATES: "false",
};

/** The imaginary target of snapshots. */
export const snapshotPlace: SnapshotPlace = {
  tenantId: "7e4a4700-0000-4000-8000-000000000001",
  subscriptionId: "5ab5c7e0-0000-4000-8000-000000000001",
  location: "westeurope",
  deploymentName: "lkps",
};

/** The parameters of all environments, among which AZURE_ENV_NAME chooses. */
export const parametersFile = join(infraDirectory, "main.bicepparam");

/** The environments: the members of `environments` in main.bicepparam. */
export const environments = [
  ...(/^var environments = \{\n(.*?)^\}/ms
    .exec(readFileSync(parametersFile, "utf8"))?.[1]
    ?.matchAll(/^ {2}(\w+): \{/gm) ?? []),
].map(([, name = ""]) => name);

/** All templates except infra/graph, which needs an extension. */
export const templates = [".", "modules"].flatMap((folder) =>
  readdirSync(join(infraDirectory, folder))
    .filter((file) => file.endsWith(".bicep"))
    .map((file) => join(folder, file)),
);

export const snapshotFile = (environment: string) => join(infraDirectory, `${environment}.snapshot.json`);

/** The template for a deployment from the portal: app.bicep, compiled. */
export const portalTemplateFile = join(infraDirectory, "azuredeploy.json");
