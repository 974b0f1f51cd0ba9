import type { ClientId } from "../../src/domain/client-id.ts";
import { isLoopback } from "../graph/open-graph.ts";

const PORTALS: ReadonlyMap<string, string> = new Map([
  ["graph.microsoft.com", "https://entra.microsoft.com"],
  ["graph.microsoft.us", "https://entra.microsoft.us"],
  ["dod-graph.microsoft.us", "https://entra.microsoft.us"],
  ["microsoftgraph.chinacloudapi.cn", "https://portal.azure.cn"],
]);

const STEPS = "App registrations, All applications, the agent, Expose an API";

/** Whether this is the local stack's stand-in, which neither a portal nor `az` can change. */
export function isStandIn(graphUrl: string): boolean {
  return isLoopback(new URL(graphUrl).hostname);
}

/** Where an agent's owner mends it, in words: the portal's steps, or the stand-in's file. */
export function placeToMend(graphUrl: string): string {
  if (!isStandIn(graphUrl)) return STEPS;
  return `dev/entra/directory.json, the agent's "api"; it takes effect at once (in a tenant: ${STEPS})`;
}

/** The address of the page "Expose an API" of an agent; `null` for a Graph that has no portal, like the stand-in. */
export function exposeAnApi(graphUrl: string, agent: ClientId): string | null {
  const portal = PORTALS.get(new URL(graphUrl).hostname);
  return portal === undefined
    ? null
    : `${portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/ProtectAnAPI/appId/${agent}`;
}
