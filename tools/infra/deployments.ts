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
  CALLER_IDENTITY: "gateway-header",
  ENTRA_AUDIENCE: "5e4f1ce0-0000-4000-8000-000000000001",
  PUBLIC_BASE_URL: "https://gateway.example",
  CORS_ORIGINS: "",
  API_MANAGEMENT_EMAIL: "",
  ALERT_EMAILS: "operators@example.com",
  ALERT_WEBHOOK: "https://alerts.example/key",
  MONTHLY_BUDGET: "500",
  BUDGET_START: "2026-11",
  ROLLING_UPDATES: "false",
};

/** The same for infra/gateway: an app is being released beside the live one. */
const gatewayVariables = {
  AZURE_ENV_NAME: "gateway-np",
  LKPS_FUNCTION_APP: "func-lkps-np-green",
  LKPS_KEY_SECRET: "lkps-function-key-green",
  LKPS_LIVE_FUNCTION_APP: "func-lkps-np",
  LKPS_LIVE_KEY_SECRET: "lkps-function-key-blue",
  LKPS_RESOURCE_GROUP: "rg-lkps-np-westeurope",
  LKPS_KEY_VAULT: "kv-lkps-np",
  LKPS_WORKSPACE: "log-lkps-np",
  CORS_ORIGINS: "https://console.example",
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
export const templates = [".", "modules", join("gateway", "infra")].flatMap((folder) =>
  readdirSync(join(infraDirectory, folder))
    .filter((file) => file.endsWith(".bicep"))
    .map((file) => join(folder, file)),
);

/** Every deployment of which a snapshot is committed: that of each environment, and that of the gateway. */
export const snapshots = [
  ...environments.map((name) => ({ name, file: parametersFile, variables: { AZURE_ENV_NAME: name } })),
  {
    name: "gateway",
    file: join(infraDirectory, "gateway", "infra", "main.bicepparam"),
    variables: gatewayVariables,
  },
];

export const snapshotFile = (name: string) => join(infraDirectory, `${name}.snapshot.json`);

/** The template for a deployment from the portal: app.bicep, compiled. */
export const portalTemplateFile = join(infraDirectory, "azuredeploy.json");
