import type { EntraIdentity } from "../../src/domain/application.ts";
import type { AuthorizationView } from "../../src/domain/authorization-view.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { Basis, DenialCode } from "../../src/domain/decision.ts";
import type { Remediation } from "../check/remediation.ts";
import type { GraphAccess } from "../graph/graph-access.ts";
import type { Response } from "../service/read-response.ts";

/** One pre-authorized client application, as the report shows it. */
export interface ReportedClient {
  readonly client: ClientId;
  readonly mayStartSessions: boolean;
  readonly code: Basis | DenialCode;
  readonly remediation: Remediation | null;
}

/** What LKPS says about the agent. */
export interface ReportedService {
  readonly url: string;
  readonly registered: boolean;
  /** `null` if the agent is not registered. */
  readonly enforced: boolean | null;
  readonly sessions: Response<"SessionList">["sessions"];
  readonly rehearsal: Response<"Rehearsal">;
}

/** The answer of LKPS; the reason if it could not answer; `null` if it was not asked. */
export type ServiceResult = ReportedService | { readonly failure: string } | null;

/** The answer of LKPS, if there is one. */
export function responseOf(service: ServiceResult): ReportedService | null {
  return service === null || "failure" in service ? null : service;
}

/** Who may connect to an agent, and what to fix: what the report and the console both explain. */
export interface AgentAccess {
  readonly agent: ClientId;
  /** `null` if Microsoft Entra ID has neither an app registration nor an agent identity. */
  readonly identity: EntraIdentity<unknown> | null;
  readonly view: Pick<
    AuthorizationView,
    "scopeState" | "delegatedPermissionId" | "nearMisses" | "remediations"
  >;
  /** How to fix the identity and the scope, before the clients. */
  readonly firstRemediations: readonly Remediation[];
  /** The denied ones first. */
  readonly clients: readonly ReportedClient[];
  readonly hints: readonly string[];
  readonly service: ServiceResult;
}

/** Everything that a report shows. */
export interface ReportData extends AgentAccess {
  readonly displayName: string | null;
  /** Display names by client id, in lower case. */
  readonly names: ReadonlyMap<string, string>;
  readonly graph: GraphAccess;
  readonly readAt: Date;
  readonly version: string;
}

/** Whether there is an application that lists the agent's clients. */
export function hasList(identity: ReportData["identity"]): boolean {
  return identity !== null && identity.application !== null;
}
