import * as z from "zod/mini";
import { settingsSchema } from "../../../src/settings/settings.ts";
import { policy } from "../policy.ts";

/** What the Functions host and Application Insights read. */
export const hostSettings = [
  "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
  "AzureWebJobsDisableHomepage",
  "AzureWebJobsStorage__blobServiceUri",
  "AzureWebJobsStorage__tableServiceUri",
  "AzureWebJobsStorage__credential",
  "AzureWebJobsStorage__clientId",
  "APPLICATIONINSIGHTS_CONNECTION_STRING",
  "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
];

/** The service's own: all of the schema's but the connection string, which is for Azurite. */
const serviceSettings = Object.keys(settingsSchema.shape).filter(
  (name) => name !== "TABLES_CONNECTION_STRING",
);
const defaults = Object.entries(z.partial(settingsSchema).parse({})).filter(
  ([, value]) => value !== undefined,
);

/** App settings. */
export const settingsPolicies = [
  policy("the app's settings are those of LKPS and of the host, and no others", (d) => [
    [Object.keys(d.appSettings), [...serviceSettings, ...hostSettings]],
  ]),
  policy("a setting that an environment omits has the schema's default", (d) =>
    defaults
      // Another cloud's, in another cloud.
      .filter(([name]) => name !== "ENTRA_AUTHORITY_HOST")
      .map(([name, value]) => [d.appSettings[name], String(value)]),
  ),
  policy("each setting of the deployment has its value", (d) => {
    const of = (kind: string, id: string, version: string) => `reference('${id}', '${version}').${kind}`;
    const clientId = of("clientId", d.identity.id, "2024-11-30");
    const endpoint = (service: string) =>
      `[${of(`primaryEndpoints.${service}`, d.storage.id, d.storage["apiVersion"])}]`;
    return Object.entries({
      PUBLIC_BASE_URL: "https://gateway.example",
      ENTRA_TENANT_ID: "7e4a4700-0000-4000-8000-000000000001",
      // The cloud's.
      ENTRA_AUTHORITY_HOST: "[environment().authentication.loginEndpoint]",
      AZURE_CLIENT_ID: `[${clientId}]`,
      TABLES_ENDPOINT: endpoint("table"),
      // 1 MiB, which the host refuses before the app sees it; and no welcome page.
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: "1048576",
      AzureWebJobsDisableHomepage: "true",
      // The host reaches its storage, and sends telemetry, as the app's identity, without a key.
      AzureWebJobsStorage__blobServiceUri: endpoint("blob"),
      AzureWebJobsStorage__tableServiceUri: endpoint("table"),
      AzureWebJobsStorage__credential: "managedidentity",
      AzureWebJobsStorage__clientId: `[${clientId}]`,
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: `[format('ClientId={0};Authorization=AAD', ${clientId})]`,
    }).map(([name, value]) => [`${name}: ${d.appSettings[name]}`, `${name}: ${value}`]);
  }),
];
