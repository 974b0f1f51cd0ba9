import type { ClientId } from "../../src/domain/client-id.ts";
import type { Identity } from "../graph/identify-id.ts";
import type { ClientDecision } from "./run-checks.ts";

/** A likely reason for a denial that the checks do not show. */
export interface Hint {
  readonly code:
    | "agent_object_id"
    | "agent_of_another_tenant"
    | "agent_unknown"
    | "client_object_id"
    | "client_listed_by_object_id"
    | "client_unknown";
  readonly message: string;
  /** The right client id, if it is known. */
  readonly client_id: ClientId | null;
}

/** Why there may be no app registration with the agent's id. */
export function agentHints(agent: ClientId, identity: Identity, tenantId: string | null): Hint[] {
  const hints = objectIdHint("agent_object_id", "--agent", agent, identity);
  if (hints.length > 0) return hints;
  const tenant = tenantId === null ? "your tenant" : `tenant ${tenantId}`;
  if (identity.objectIds.length > 0) {
    const message = `In ${tenant}, the agent is only an enterprise application: its app registration is in another tenant.`;
    return [{ code: "agent_of_another_tenant", message, client_id: null }];
  }
  const message = `No app registration was found in ${tenant}. If the agent is in another tenant, use --tenant <id>.`;
  return [{ code: "agent_unknown", message, client_id: null }];
}

/** Why the client's id may be the reason for a denial. */
export function clientHints(client: ClientId, identity: Identity, { view, allowed }: ClientDecision): Hint[] {
  if (allowed) return [];
  const hints = objectIdHint("client_object_id", "--client", client, identity);
  const listed = view.clients.find((entry) => identity.objectIds.includes(entry.client));
  if (listed !== undefined) {
    const message = `The agent lists this client by its object id, ${listed.client}. Replace it with the client id, ${client}.`;
    hints.push({ code: "client_listed_by_object_id", message, client_id: client });
  }
  if (hints.length === 0 && identity.isUnknown) {
    const message = `The tenant has no application with the client id ${client}. Check the id and the tenant.`;
    hints.push({ code: "client_unknown", message, client_id: null });
  }
  return hints;
}

function objectIdHint(code: Hint["code"], option: string, id: ClientId, { objectOf }: Identity): Hint[] {
  if (objectOf === null) return [];
  const { kind, displayName, clientId } = objectOf;
  const name = displayName === null ? "" : ` ${displayName}`;
  const message = `${id} is an object id, not a client id: it belongs to the ${kind}${name}. Try ${option} ${clientId}`;
  return [{ code, message, client_id: clientId }];
}
