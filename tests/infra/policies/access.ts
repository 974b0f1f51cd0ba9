import { members, policy } from "../policy.ts";

/** What is anonymous in every mode: README.md and docs/ say so, src/functions has the routes. */
const anonymousPaths = [
  "/api/health",
  "/api/health/ready",
  "/api/docs",
  "/api/openapi.json",
  "/.well-known/authzen-configuration",
];
const gatewayAddresses = ["203.0.113.0/28", "198.51.100.7/32"];

/** Who may reach the app: open to all, who then need a key or a token, until an environment says otherwise. */
export const accessPolicies = [
  policy(
    "by default, no address is rejected, no other origin may call from a browser, and there is no Easy Auth",
    (d) => [
      ...members(d.app, {
        "siteConfig.ipSecurityRestrictionsDefaultAction": "Allow",
        "siteConfig.ipSecurityRestrictions": [],
        "siteConfig.cors": null,
      }),
      [d.appConfig("authsettingsV2"), undefined],
    ],
    "plain",
  ),
  policy(
    "with the gateway's addresses, all other addresses are rejected",
    ({ app }) => [
      [app["properties"].siteConfig.ipSecurityRestrictionsDefaultAction, "Deny"],
      [
        app["properties"].siteConfig.ipSecurityRestrictions.map((each: Record<string, unknown>) => [
          each["action"],
          each["ipAddress"],
        ]),
        gatewayAddresses.map((address) => ["Allow", address]),
      ],
    ],
    "guarded",
  ),
  policy("deployments may come from addresses other than the gateway's", ({ app }) => [
    [app["properties"].siteConfig.scmIpSecurityRestrictionsUseMain, false],
  ]),
  policy(
    "Easy Auth rejects callers without a token of the gateway's own application, but for anonymous routes",
    (d) => {
      const auth = d.appConfig("authsettingsV2");
      const entra = "identityProviders.azureActiveDirectory";
      const clientId = "5e4f1ce0-0000-4000-8000-000000000001";
      const gateway = { allowedApplications: ["6a7e0a70-0000-4000-8000-000000000001"] };
      return members(auth ?? d.app, {
        "platform.enabled": true,
        "httpSettings.requireHttps": true,
        "globalValidation.requireAuthentication": true,
        "globalValidation.unauthenticatedClientAction": "Return401",
        "globalValidation.excludedPaths": anonymousPaths,
        [`${entra}.enabled`]: true,
        [`${entra}.registration.clientId`]: clientId,
        [`${entra}.validation.defaultAuthorizationPolicy`]: gateway,
        [`${entra}.validation.allowedAudiences`]: [clientId, `api://${clientId}`],
      });
    },
    "guarded",
  ),
  policy(
    "browsers may call only from the given origins",
    ({ app }) => [[app["properties"].siteConfig.cors, { allowedOrigins: ["https://console.example"] }]],
    "guarded",
  ),
];
