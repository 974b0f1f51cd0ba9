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
  policy("the host accepts bodies of at most 1 MiB, and has no welcome page", (d) => [
    [d.appSettings["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"], "1048576"],
    [d.appSettings["AzureWebJobsDisableHomepage"], "true"],
  ]),
  policy("the address that callers use is the environment's", (d) => [
    [d.appSettings["PUBLIC_BASE_URL"], "https://gateway.example"],
  ]),
  policy("the tenant is the deployment's, and its authority the cloud's", (d) => [
    [d.appSettings["ENTRA_TENANT_ID"], "7e4a4700-0000-4000-8000-000000000001"],
    [d.appSettings["ENTRA_AUTHORITY_HOST"], "[environment().authentication.loginEndpoint]"],
  ]),
  policy("the app requests tokens as its identity", (d) => [
    [d.appSettings["AZURE_CLIENT_ID"], `[reference('${d.identity.id}', '2024-11-30').clientId]`],
  ]),
  policy("the app's tables are this account's", (d) => [
    [
      d.appSettings["TABLES_ENDPOINT"],
      `[reference('${d.storage.id}', '${d.storage["apiVersion"]}').primaryEndpoints.table]`,
    ],
  ]),
  policy("the host reaches its storage as the app's identity, without a key", (d) => {
    const endpoint = (service: string) =>
      `[reference('${d.storage.id}', '${d.storage["apiVersion"]}').primaryEndpoints.${service}]`;
    return [
      [d.appSettings["AzureWebJobsStorage__blobServiceUri"], endpoint("blob")],
      [d.appSettings["AzureWebJobsStorage__tableServiceUri"], endpoint("table")],
      [d.appSettings["AzureWebJobsStorage__credential"], "managedidentity"],
      [d.appSettings["AzureWebJobsStorage__clientId"], d.appSettings["AZURE_CLIENT_ID"]],
    ];
  }),
  policy("telemetry is sent as the app's identity", (d) => [
    [
      d.appSettings["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"],
      `[format('ClientId={0};Authorization=AAD', reference('${d.identity.id}', '2024-11-30').clientId)]`,
    ],
  ]),
];
