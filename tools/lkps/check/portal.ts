import type { ClientId } from "../../../src/domain/client-id.ts";
import { isLoopback } from "../graph/open-graph.ts";

const PORTALS: ReadonlyMap<string, string> = new Map([
  ["graph.microsoft.com", "https://entra.microsoft.com"],
  ["graph.microsoft.us", "https://entra.microsoft.us"],
  ["dod-graph.microsoft.us", "https://entra.microsoft.us"],
  ["microsoftgraph.chinacloudapi.cn", "https://portal.azure.cn"],
]);

/** The way to an agent's page "Expose an API", as the portals name its steps. */
export const PORTAL_PATH = "App registrations, All applications, the agent, Expose an API";

/** The address of the page "Expose an API" of an agent; `null` for a Graph that has no portal, like the stand-in. */
export function exposeAnApi(graphUrl: string, agent: ClientId): string | null {
  const { hostname } = new URL(graphUrl);
  if (isLoopback(hostname)) return null;
  const portal = PORTALS.get(hostname);
  return portal === undefined
    ? null
    : `${portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/ProtectAnAPI/appId/${agent}`;
}
