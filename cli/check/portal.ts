import type { EntraIdentity } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { isLoopback } from "../secure-url.ts";

/** The application that lists an agent's clients: its own, or the blueprint of its agent identity. */
export interface ListedOn {
  readonly clientId: ClientId;
  readonly isBlueprint: boolean;
  /** The Graph that has the application. */
  readonly graphUrl: string;
}

/** Where the agent's clients are listed. */
export function listedOn(
  agent: ClientId,
  identity: EntraIdentity<unknown> | null,
  graphUrl: string,
): ListedOn {
  const isBlueprint = identity?.kind === "agent_identity";
  return { clientId: (isBlueprint ? identity.blueprint : null) ?? agent, isBlueprint, graphUrl };
}

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
export function whereToFix({ graphUrl, isBlueprint }: ListedOn): string {
  if (isLocalGraph(graphUrl)) {
    return `Edit the ${isBlueprint ? "blueprint" : "agent"}'s "api" in dev/entra/directory.json. A new grant takes effect within a second.`;
  }
  return isBlueprint
    ? "The portal has no page for the scopes and clients of a blueprint."
    : "In the portal: App registrations, All applications, the agent, Expose an API.";
}

/** The address of an agent's page "Expose an API", or of its blueprint; `null` for a Graph without a known portal. */
export function portalUrl({ graphUrl, clientId, isBlueprint }: ListedOn): string | null {
  const portal = PORTALS.get(new URL(graphUrl).hostname);
  if (portal === undefined) return null;
  const page = isBlueprint
    ? "AgentBlueprintDetails.MenuView/~/overview"
    : "ApplicationMenuBlade/~/ProtectAnAPI";
  return `${portal}/#view/Microsoft_AAD_RegisteredApps/${page}/appId/${clientId}`;
}
