import type { Application } from "./application.ts";
import type { ClientId } from "./client-id.ts";

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

/** The same identity with what `map` makes of its application. */
export function mapApplication<A, B>(
  identity: EntraIdentity<A> | null,
  map: (application: A) => B,
): EntraIdentity<B> | null {
  if (identity === null) return null;
  const { application } = identity;
  return { ...identity, application: application === null ? null : map(application) } as EntraIdentity<B>;
}
