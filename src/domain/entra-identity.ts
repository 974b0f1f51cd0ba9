import { type Application, isObject } from "./application.ts";
import { type ClientId, parseClientId } from "./client-id.ts";

/**
 * What an agent is in Microsoft Entra ID: an app registration, or an agent identity of Microsoft Entra Agent ID,
 * which is a service principal without an app registration of its own. `application` holds the list of clients:
 * for an agent identity it is its blueprint's, which all agents of that blueprint share.
 */
export type EntraIdentity<A = Application> =
  | { readonly kind: "application"; readonly application: A }
  | (AgentIdentity & {
      /** The blueprint; `null` if this tenant has none with that id. */
      readonly application: A | null;
    });

/** An agent identity, without its blueprint's application. */
export interface AgentIdentity {
  readonly kind: "agent_identity";
  /** Who has disabled it; empty if it is enabled. */
  readonly disabledBy: readonly ("tenant" | "microsoft")[];
  /** The client id of its blueprint; `null` if it names none. */
  readonly blueprint: ClientId | null;
}

const AGENT_IDENTITY_TYPE = "#microsoft.graph.agentIdentity";

/**
 * Returns the agent identity in Graph's response to a request for a service principal; `null` if it is a service
 * principal of another type.
 *
 * @throws Error that describes what is wrong with the shape
 * @see https://learn.microsoft.com/graph/api/resources/agentidentity
 */
export function agentIdentityOf(response: unknown): AgentIdentity | null {
  if (!isObject(response)) throw new Error("Graph's answer is not a service principal");
  const {
    "@odata.type": type,
    accountEnabled,
    disabledByMicrosoftStatus: status,
    agentIdentityBlueprintId: blueprintId,
  } = response;
  if (type !== AGENT_IDENTITY_TYPE) return null;
  if (typeof accountEnabled !== "boolean") {
    throw new Error("Graph's answer is not an agent identity: accountEnabled is not a boolean");
  }
  const blueprint = blueprintId == null ? null : parseClientId(blueprintId);
  if (blueprint === undefined) {
    throw new Error("Graph's answer is not an agent identity: agentIdentityBlueprintId is not an id");
  }
  const isDisabledByMicrosoft = !(status == null || status === "" || status === "NotDisabled");
  const disabledBy = [
    ...(accountEnabled ? [] : (["tenant"] as const)),
    ...(isDisabledByMicrosoft ? (["microsoft"] as const) : []),
  ];
  return { kind: "agent_identity", disabledBy, blueprint };
}

/** The same identity with what `map` makes of its application. */
export function mapApplication<A, B>(
  identity: EntraIdentity<A> | null,
  map: (application: A) => B,
): EntraIdentity<B> | null {
  if (identity === null) return null;
  const { application } = identity;
  return { ...identity, application: application === null ? null : map(application) } as EntraIdentity<B>;
}
