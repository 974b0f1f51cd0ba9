import { agentIdentityOf } from "../../src/adapters/graph/graph-response.ts";
import type { EntraIdentity } from "../../src/domain/application.ts";
import type { OwnedApplication } from "../../src/domain/authorization-view.ts";
import { agentIdentity, api, BLUEPRINT, CLIENT, entry, OTHER_CLIENT, OTHER_SCOPE_ID, SCOPE_ID, scope } from "./app-registration.ts";

/** One situation of the decision table, from the third row on, and the client's answer. */
export interface DecisionRow {
  readonly row: 3 | 4 | 5 | "5a" | 6 | 7 | 8 | 9 | 10;
  readonly situation: string;
  /** How the agent registered: enforced, opted out, or not at all. */
  readonly registered: "enforced" | "opted out" | "no";
  /** What Graph has of the agent's service principal beside its ids, if the agent has no application of its own. */
  readonly principal?: Record<string, unknown>;
  /** The `api` part of the agent's app registration, or its blueprint's; `gone` if Graph has no such application. */
  readonly api: Record<string, unknown> | null | "gone";
  readonly status: 200 | 403 | 404;
  /** The denial, or the basis of a session. */
  readonly code: string;
  readonly check?: 1 | 2 | 3;
}

const upper = (id: string) => id.toUpperCase();
const enforced = { registered: "enforced" } as const;
const session = { status: 200, code: "pre_authorized" } as const;
const notExposed = { status: 403, code: "scope_not_exposed", check: 1 } as const;
const disabled = { status: 403, code: "scope_disabled", check: 1 } as const;
const notListed = { status: 403, code: "client_not_pre_authorized", check: 2 } as const;
const notGranted = { status: 403, code: "scope_not_granted", check: 3 } as const;

const isAgentIdentity = (changes: Record<string, unknown> = {}) => ({ ...enforced, principal: agentIdentity(changes) });
const notFound = { status: 403, code: "agent_application_not_found" } as const;
const identityDisabled = { status: 403, code: "agent_identity_disabled" } as const;

const scopes = (...oauth2PermissionScopes: unknown[]) => ({ api: api({ oauth2PermissionScopes }) });
const entries = (...preAuthorizedApplications: unknown[]) => ({ api: api({ preAuthorizedApplications }) });

/** The decision table as data: it drives the decision by itself and the whole service over HTTP. */
export const decisionTable: readonly DecisionRow[] = [
  { row: 3, situation: "no such agent", registered: "no", api: api(), status: 404, code: "agent_not_registered" },
  { row: 3, situation: "no such agent, none in Graph", registered: "no", api: "gone", status: 404, code: "agent_not_registered" },

  { row: 4, situation: "opted out", registered: "opted out", api: api(), status: 200, code: "enforcement_disabled" },
  { row: 4, situation: "opted out, nothing exposed", registered: "opted out", api: null, status: 200, code: "enforcement_disabled" },
  { row: 4, situation: "opted out, none in Graph", registered: "opted out", api: "gone", status: 200, code: "enforcement_disabled" },

  { row: 5, situation: "no app registration", ...enforced, api: "gone", ...notFound },
  { row: 5, situation: "an enterprise application of another tenant's", ...isAgentIdentity({ "@odata.type": undefined }), api: api(), ...notFound },
  { row: 5, situation: "a blueprint's own service principal", ...isAgentIdentity({ "@odata.type": "#microsoft.graph.agentIdentityBlueprintPrincipal" }), api: api(), ...notFound },
  { row: 5, situation: "the blueprint is in another tenant", ...isAgentIdentity(), api: "gone", ...notFound },
  { row: 5, situation: "disabled, and its blueprint is in another tenant", ...isAgentIdentity({ accountEnabled: false }), api: "gone", ...notFound },
  { row: 5, situation: "the blueprint is null", ...isAgentIdentity({ agentIdentityBlueprintId: null }), api: api(), ...notFound },
  { row: 5, situation: "no blueprint, a list of its own", ...isAgentIdentity({ agentIdentityBlueprintId: undefined, api: api() }), api: api(), ...notFound },

  { row: "5a", situation: "disabled", ...isAgentIdentity({ accountEnabled: false }), api: api(), ...identityDisabled },
  { row: "5a", situation: "disabled by Microsoft", ...isAgentIdentity({ disabledByMicrosoftStatus: "DisabledDueToViolationOfServicesAgreement" }), api: api(), ...identityDisabled },
  { row: "5a", situation: "disabled, and the blueprint exposes nothing", ...isAgentIdentity({ accountEnabled: false }), api: null, ...identityDisabled },

  { row: 6, situation: "api is null", ...enforced, api: null, ...notExposed },
  { row: 6, situation: "the blueprint's api is null, the agent identity has a list", ...isAgentIdentity({ api: api() }), api: null, ...notExposed },
  { row: 6, situation: "api is empty", ...enforced, api: {}, ...notExposed },
  { row: 6, situation: "scopes are null", ...enforced, api: api({ oauth2PermissionScopes: null }), ...notExposed },
  { row: 6, situation: "no scope", ...enforced, ...scopes(), ...notExposed },
  { row: 6, situation: "scope in another letter case", ...enforced, ...scopes(scope({ value: "Access_As_Client" })), ...notExposed },
  { row: 6, situation: "scope with a space behind", ...enforced, ...scopes(scope({ value: "access_as_client " })), ...notExposed },
  { row: 6, situation: "scope with a Cyrillic letter", ...enforced, ...scopes(scope({ value: "аccess_as_client" })), ...notExposed },
  { row: 6, situation: "scope of another name, granted", ...enforced, ...scopes(scope({ value: "user_impersonation" })), ...notExposed },
  { row: 6, situation: "scope whose value is a list", ...enforced, ...scopes(scope({ value: ["access_as_client"] })), ...notExposed },
  { row: 6, situation: "scopes that are none", ...enforced, ...scopes(null, 7, "access_as_client", [], {}), ...notExposed },

  { row: 7, situation: "scope disabled", ...enforced, ...scopes(scope({ isEnabled: false })), ...disabled },
  { row: 7, situation: "the blueprint's scope disabled", ...isAgentIdentity(), ...scopes(scope({ isEnabled: false })), ...disabled },
  { row: 7, situation: "scope disabled by absence", ...enforced, ...scopes(scope({ isEnabled: undefined })), ...disabled },
  { row: 7, situation: "scope enabled by a string", ...enforced, ...scopes(scope({ isEnabled: "true" })), ...disabled },
  { row: 7, situation: "scope disabled, another enabled", ...enforced, ...scopes(scope({ isEnabled: false }), scope({ value: "other", id: OTHER_SCOPE_ID })), ...disabled },

  { row: 8, situation: "no entry", ...enforced, ...entries(), ...notListed },
  { row: 8, situation: "no entry in the blueprint", ...isAgentIdentity(), ...entries(), ...notListed },
  { row: 8, situation: "entries are null", ...enforced, api: api({ preAuthorizedApplications: null }), ...notListed },
  { row: 8, situation: "entries are missing", ...enforced, api: api({ preAuthorizedApplications: undefined }), ...notListed },
  { row: 8, situation: "another client's entry", ...enforced, ...entries(entry({ appId: OTHER_CLIENT })), ...notListed },
  { row: 8, situation: "entries that are none", ...enforced, ...entries(null, CLIENT, [CLIENT], {}, { appId: null }), ...notListed },
  { row: 8, situation: "entry of __proto__", ...enforced, ...entries(entry({ appId: "__proto__" })), ...notListed },
  { row: 8, situation: "entry with the id in braces", ...enforced, ...entries(entry({ appId: `{${CLIENT}}` })), ...notListed },

  { row: 9, situation: "entry without ids", ...enforced, ...entries(entry({ delegatedPermissionIds: [] })), ...notGranted },
  { row: 9, situation: "the blueprint's entry without ids", ...isAgentIdentity(), ...entries(entry({ delegatedPermissionIds: [] })), ...notGranted },
  { row: 9, situation: "entry with null for ids", ...enforced, ...entries(entry({ delegatedPermissionIds: null })), ...notGranted },
  { row: 9, situation: "entry with the id as text", ...enforced, ...entries(entry({ delegatedPermissionIds: SCOPE_ID })), ...notGranted },
  { row: 9, situation: "entry with another scope's id", ...enforced, ...entries(entry({ delegatedPermissionIds: [OTHER_SCOPE_ID] })), ...notGranted },
  { row: 9, situation: "entry with the beta name of ids", ...enforced, ...entries({ appId: CLIENT, permissionIds: [SCOPE_ID] }), ...notGranted },
  { row: 9, situation: "another client's entry has the id", ...enforced, ...entries(entry({ delegatedPermissionIds: [] }), entry({ appId: OTHER_CLIENT })), ...notGranted },
  { row: 9, situation: "only the disabled twin's id granted", ...enforced, ...scopes(scope({ id: OTHER_SCOPE_ID }), scope({ isEnabled: false })), ...notGranted },
  { row: 9, situation: "scope and entry without an id", ...enforced, api: api({ oauth2PermissionScopes: [scope({ id: null })], preAuthorizedApplications: [entry({ delegatedPermissionIds: [null] })] }), ...notGranted },
  { row: 9, situation: "scope and entry with the id __proto__", ...enforced, api: api({ oauth2PermissionScopes: [scope({ id: "__proto__" })], preAuthorizedApplications: [entry({ delegatedPermissionIds: ["__proto__"] })] }), ...notGranted },
  {
    row: 9,
    situation: "an app role's id granted",
    ...enforced,
    api: api({ appRoles: [{ id: OTHER_SCOPE_ID, value: "access_as_client", isEnabled: true }], preAuthorizedApplications: [entry({ delegatedPermissionIds: [OTHER_SCOPE_ID] })] }),
    ...notGranted,
  },

  { row: 10, situation: "all three checks pass", ...enforced, api: api(), ...session },
  { row: 10, situation: "the blueprint passes all three", ...isAgentIdentity(), api: api(), ...session },
  { row: 10, situation: "not disabled by Microsoft", ...isAgentIdentity({ disabledByMicrosoftStatus: "NotDisabled" }), api: api(), ...session },
  { row: 10, situation: "Microsoft's status is empty, ids in capitals", ...isAgentIdentity({ disabledByMicrosoftStatus: "", agentIdentityBlueprintId: BLUEPRINT.toUpperCase() }), api: api(), ...session },
  { row: 10, situation: "ids in capitals", ...enforced, api: api({ oauth2PermissionScopes: [scope({ id: upper(SCOPE_ID) })], preAuthorizedApplications: [entry({ appId: upper(CLIENT) })] }), ...session },
  { row: 10, situation: "granted ids in capitals", ...enforced, ...entries(entry({ delegatedPermissionIds: [upper(SCOPE_ID)] })), ...session },
  { row: 10, situation: "one of two entries holds the id", ...enforced, ...entries(entry(), entry({ delegatedPermissionIds: [] })), ...session },
  { row: 10, situation: "the other of two entries holds it", ...enforced, ...entries(entry({ delegatedPermissionIds: [] }), entry()), ...session },
  { row: 10, situation: "a disabled scope of the same value beside it", ...enforced, ...scopes(scope({ id: OTHER_SCOPE_ID, isEnabled: false }), scope()), ...session },
  { row: 10, situation: "two enabled scopes, the second granted", ...enforced, ...scopes(scope({ id: OTHER_SCOPE_ID }), scope()), ...session },
  { row: 10, situation: "junk beside what counts", ...enforced, api: api({ unknown: {}, oauth2PermissionScopes: [null, scope()], preAuthorizedApplications: [null, entry({ delegatedPermissionIds: [null, 7, {}, SCOPE_ID] })] }), ...session },
];

/** What LKPS makes of Graph's answers about the row's agent. */
export function identityOf(row: DecisionRow): EntraIdentity<OwnedApplication> | null {
  // As it comes over the wire: what JSON leaves out is not there.
  const { principal, api } = JSON.parse(JSON.stringify(row)) as DecisionRow;
  const application = api === "gone" ? null : ({ api } as OwnedApplication);
  if (principal === undefined) return application && { kind: "application", application };
  const identity = agentIdentityOf(principal);
  return identity && { ...identity, application: identity.blueprint === null ? null : application };
}

/** Each row as an agent of its own. */
export const agentRows = decisionTable.map((row, n) => ({ ...row, agent: `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}`, blueprint: `b1e00000-0000-4000-8000-${String(n).padStart(12, "0")}` }));
/** The directory of {@link agentRows}. */
export const directory = agentRows.flatMap(({ agent, blueprint, situation, principal, api }) => {
  const appId = principal === undefined ? agent : blueprint;
  const application = { id: appId, appId, displayName: situation, api };
  const hasBlueprint = typeof principal?.["agentIdentityBlueprintId"] === "string";
  const servicePrincipal = { ...principal, ...{ id: agent, appId: agent, displayName: situation }, ...(hasBlueprint && { agentIdentityBlueprintId: blueprint }) };
  return [...(api === "gone" ? [] : [application]), ...(principal === undefined ? [] : [servicePrincipal])];
});
