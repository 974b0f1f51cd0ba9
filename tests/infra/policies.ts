import type { Expected } from "./deployment.ts";
import { accessPolicies } from "./policies/access.ts";
import { alertingPolicies } from "./policies/alerting.ts";
import { appPolicies } from "./policies/app.ts";
import { dataPolicies } from "./policies/data.ts";
import { namePolicies } from "./policies/names.ts";
import { networkPolicies } from "./policies/network.ts";
import { rolePolicies } from "./policies/roles.ts";
import { settingsPolicies } from "./policies/settings.ts";
import { templatePolicies } from "./policies/template.ts";
import { versionPolicies } from "./policies/versions.ts";
import { watchingPolicies } from "./policies/watching.ts";

/** All rules that a deployment must follow. */
export const policies = [
  ...appPolicies,
  ...accessPolicies,
  ...dataPolicies,
  ...networkPolicies,
  ...rolePolicies,
  ...watchingPolicies,
  ...alertingPolicies,
  ...settingsPolicies,
  ...namePolicies,
  ...templatePolicies,
  ...versionPolicies,
];

/** The environments, and one that turns on everything that is off by default (`fixtures/guarded.bicepparam`). */
export const expectations: readonly Expected[] = [
  { environment: "np", instanceMemoryMB: 512, maximumInstanceCount: 40, alwaysReady: 0 },
  { environment: "prod", instanceMemoryMB: 2_048, maximumInstanceCount: 100, alwaysReady: 0 },
  {
    environment: "guarded",
    instanceMemoryMB: 2_048,
    maximumInstanceCount: 40,
    alwaysReady: 2,
    httpConcurrency: 32,
    guarded: true,
  },
];
