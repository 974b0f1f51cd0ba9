import type { Deployment } from "../deployment.ts";
import { policy } from "../policy.ts";

/** What is anonymous in every mode: README.md and docs/ say so, src/functions has the routes. */
const anonymousPaths = [
  "/api/health",
  "/api/health/ready",
  "/api/docs",
  "/api/openapi.json",
  "/.well-known/authzen-configuration",
];
// biome-ignore lint/suspicious/noExplicitAny: each type has a shape of its own
const easyAuth = (deployment: Deployment): any => deployment.appConfig("authsettingsV2")?.["properties"];
const gatewayAddresses = ["203.0.113.0/28", "198.51.100.7/32"];

/** Who may reach the app: open to all, who then need a key or a token, until an environment says otherwise. */
export const accessPolicies = [
  policy(
    "by default, no address is rejected",
    ({ app }) => [
      [app["properties"].siteConfig.ipSecurityRestrictionsDefaultAction, "Allow"],
      [app["properties"].siteConfig.ipSecurityRestrictions, []],
    ],
    "plain",
  ),
  policy("by default, there is no Easy Auth", (d) => [[d.appConfig("authsettingsV2"), undefined]], "plain"),
  policy(
    "by default, no other origin may call from a browser",
    ({ app }) => [[app["properties"].siteConfig.cors, null]],
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
    "Easy Auth is on and rejects callers without a token",
    (d) => {
      const { platform, globalValidation, httpSettings } = easyAuth(d);
      return [
        [platform.enabled, true],
        [globalValidation.requireAuthentication, true],
        [globalValidation.unauthenticatedClientAction, "Return401"],
        [httpSettings.requireHttps, true],
      ];
    },
    "guarded",
  ),
  policy(
    "Easy Auth admits only the gateway's own application",
    (d) => {
      const { azureActiveDirectory: entra } = easyAuth(d).identityProviders;
      const clientId = "5e4f1ce0-0000-4000-8000-000000000001";
      return [
        [entra.enabled, true],
        [entra.registration.clientId, clientId],
        [
          entra.validation.defaultAuthorizationPolicy,
          { allowedApplications: ["6a7e0a70-0000-4000-8000-000000000001"] },
        ],
        [entra.validation.allowedAudiences, [clientId, `api://${clientId}`]],
      ];
    },
    "guarded",
  ),
  policy(
    "Easy Auth exempts only anonymous routes",
    (d) => [[easyAuth(d).globalValidation.excludedPaths, anonymousPaths]],
    "guarded",
  ),
  policy(
    "browsers may call only from the given origins",
    ({ app }) => [[app["properties"].siteConfig.cors, { allowedOrigins: ["https://console.example"] }]],
    "guarded",
  ),
];
