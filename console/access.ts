import { authorizeClient } from "../cli/check/az-command.ts";
import { findClientEntry } from "../cli/check/client-entry.ts";
import { isLocalGraph, type ListedOn, listedOn } from "../cli/check/portal.ts";
import {
  clientRemediation,
  identityRemediations,
  type Remediation,
  scopeRemediation,
} from "../cli/check/remediation.ts";
import type { AgentAccess, ReportedClient } from "../cli/report/report-data.ts";
import type { EntraIdentity } from "../src/domain/application.ts";
import { type ClientId, parseClientId } from "../src/domain/client-id.ts";
import type { NearMiss } from "../src/domain/near-miss.ts";
import * as domain from "../src/domain/remediation.ts";
import { ENFORCEMENT_OFF, remediationSentence } from "../src/domain/remediation-catalogue.ts";
import type { Authorization } from "./answers.ts";

/** The answer of LKPS in the words of the report, and where its list of clients is. */
export interface ExplainedAccess extends AgentAccess {
  readonly list: ListedOn;
  /** How to register the agent with enforcement on; `null` if it is. */
  readonly registration: Remediation | null;
  /** `null` before the agent registers. */
  readonly enforced: boolean | null;
  /** The answer that this explains. */
  readonly answer: Authorization;
}

/**
 * Explains LKPS's answer as the report does.
 *
 * @param api - the `api` of the application that lists the clients, which the commands for a client keep; `null` if unknown
 */
export function explainAccess(
  answer: Authorization,
  graphUrl: string,
  api: Record<string, unknown> | null,
): ExplainedAccess {
  const agent = answer.agent_entra_app_id as ClientId;
  const identity = identityOf(answer);
  const list = listedOn(agent, identity, graphUrl);
  const registration = registrationRemediation(answer, isLocalGraph(graphUrl));
  const view = {
    scopeState: answer.scope.state,
    delegatedPermissionId: answer.scope.delegated_permission_id,
    nearMisses: answer.scope.near_misses as readonly NearMiss[],
    remediations: answer.repairs.slice(registration === null ? 0 : 1),
  };
  const clients = answer.clients.map((client): ReportedClient => {
    const id = client.client_app_id as ClientId;
    const code = client.code as ReportedClient["code"];
    const mayStartSessions = client.may_start_sessions;
    let remediation: Remediation | null = null;
    if (!mayStartSessions && api !== null) {
      remediation = clientRemediation(list, id, identity, view, findClientEntry(api, id));
    } else if (code === "scope_not_granted" && client.repair !== null) {
      // No command: it has to keep what else the client's entry grants, which is not known here.
      remediation = { check: 3, sentence: client.repair, command: null };
    }
    return { client: id, mayStartSessions, code, remediation };
  });
  const first = [...identityRemediations(identity), scopeRemediation(list, identity, view)];
  return {
    agent,
    identity,
    view,
    list,
    registration,
    enforced: answer.enforce_client_authz,
    answer,
    hints: [],
    firstRemediations: first.filter((one) => one !== null),
    clients: clients.toSorted((one, other) => Number(one.mayStartSessions) - Number(other.mayStartSessions)),
    service: {
      url: "",
      registered: answer.registered,
      enforced: answer.enforce_client_authz,
      sessions: [],
      rehearsal: { days: 7, complete: true, clients: [] },
    },
  };
}

/** The command that lists a client that is not listed yet; `null` until there is a scope to list it with. */
export function addClientCommand({ list, view, identity }: ExplainedAccess, client: string): string | null {
  const id = parseClientId(client);
  const isReady = identity?.application != null && view.scopeState === "enabled";
  if (!isReady || id === undefined || view.delegatedPermissionId === null) return null;
  return authorizeClient(list, id, [view.delegatedPermissionId]);
}

/** LKPS says who has disabled an agent identity by what to do about it. */
function identityOf({
  identity,
  application_found: isFound,
  repairs,
}: Authorization): EntraIdentity<object> | null {
  if (identity.kind === null) return null;
  if (identity.kind !== "agent_identity") return { kind: "application", application: {} };
  const blueprint = parseClientId(identity.blueprint_app_id) ?? null;
  const found = { kind: "agent_identity", blueprint, application: isFound ? {} : null } as const;
  // What to do about who has disabled it comes last.
  const sentenceOf = (who: "tenant" | "microsoft") =>
    domain.identityRemediations({ ...found, disabledBy: [who] }).at(-1) ?? "";
  const disabledBy = (["tenant", "microsoft"] as const).filter((who) => repairs.includes(sentenceOf(who)));
  return { ...found, disabledBy };
}

function registrationRemediation(
  { agent_entra_app_id: agent, registered, enforce_client_authz: enforced }: Authorization,
  isLocal: boolean,
): Remediation | null {
  const local = isLocal ? `npm run lkps -- register --local --as ${agent}` : null;
  if (!registered)
    return { check: null, sentence: remediationSentence("agent_not_registered"), command: local };
  if (enforced !== false) return null;
  return { check: null, sentence: ENFORCEMENT_OFF, command: local ?? "lkps register" };
}
