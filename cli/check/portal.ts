import type { ClientId } from "../../src/domain/client-id.ts";
import { isLoopback } from "../secure-url.ts";

const PORTALS: ReadonlyMap<string, string> = new Map([
  ["graph.microsoft.com", "https://entra.microsoft.com"],
  ["graph.microsoft.us", "https://entra.microsoft.us"],
  ["dod-graph.microsoft.us", "https://entra.microsoft.us"],
  ["microsoftgraph.chinacloudapi.cn", "https://portal.azure.cn"],
]);

/** Whether this is the Graph of the local stack, which has no portal and cannot be changed with `az`. */
export function isLocalGraph(graphUrl: string): boolean {
  return isLoopback(new URL(graphUrl).hostname);
}

/** Where the owner fixes an agent: the steps in the portal, or the file of the local stack. */
export function whereToFix(graphUrl: string): string {
  return isLocalGraph(graphUrl)
    ? `Edit the agent's "api" in dev/entra/directory.json. A new grant takes effect within a second.`
    : "In the portal: App registrations, All applications, the agent, Expose an API.";
}

/** The address of an agent's page "Expose an API"; `null` for a Graph without a known portal. */
export function exposeAnApiUrl(graphUrl: string, agent: ClientId): string | null {
  const portal = PORTALS.get(new URL(graphUrl).hostname);
  return portal === undefined
    ? null
    : `${portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/ProtectAnAPI/appId/${agent}`;
}
