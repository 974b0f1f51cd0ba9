import type { ClientId } from "../../src/domain/client-id.ts";
import type { Identity } from "../graph/who-is.ts";
import type { Examination } from "./examine.ts";

/** Something that explains a denial better than the checks do. */
export interface Hint {
  readonly code:
    | "agent_object_id"
    | "agent_of_another_tenant"
    | "agent_unknown"
    | "client_object_id"
    | "client_listed_by_object_id"
    | "client_unknown";
  readonly message: string;
  /** The client id that was meant, where there is one. */
  readonly client_id: ClientId | null;
}

/** Why there may be no app registration with the agent's id. */
export function agentHints(agent: ClientId, identity: Identity, tenantId: string | null): Hint[] {
  const hints = objectIdHint("agent_object_id", "--agent", agent, identity);
  if (hints.length > 0) return hints;
  const tenant = tenantId === null ? "The tenant" : `Tenant ${tenantId}`;
  if (identity.objectIds.length > 0) {
    const message = `${tenant} has it as an enterprise application only: its app registration is in another tenant.`;
    return [{ code: "agent_of_another_tenant", message, client_id: null }];
  }
  const message = `${tenant} was asked. If the agent lives in another one, sign in there: --tenant <id>.`;
  return [{ code: "agent_unknown", message, client_id: null }];
}

/** What about the client's id explains that it is refused. */
export function clientHints(client: ClientId, identity: Identity, { view, allowed }: Examination): Hint[] {
  if (allowed) return [];
  const hints = objectIdHint("client_object_id", "--client", client, identity);
  const listed = view.clients.find((entry) => identity.objectIds.includes(entry.client));
  if (listed !== undefined) {
    const message =
      `The agent lists ${listed.client}, which is an object id of this client. It must list the client id, ` +
      `${client}: add that, and remove the other.`;
    hints.push({ code: "client_listed_by_object_id", message, client_id: client });
  }
  if (hints.length === 0 && identity.isUnknown) {
    const message = `The tenant has no application with the client id ${client}. Is the id right, and the tenant?`;
    hints.push({ code: "client_unknown", message, client_id: null });
  }
  return hints;
}

function objectIdHint(code: Hint["code"], option: string, id: ClientId, { meant }: Identity): Hint[] {
  if (meant === null || meant.clientId === id) return [];
  const name = meant.displayName === null ? "" : ` ${meant.displayName}`;
  const message =
    `${id} is the object id of the ${meant.kind}${name}. Its client id is ${meant.clientId}: try ` +
    `${option} ${meant.clientId}`;
  return [{ code, message, client_id: meant.clientId }];
}
