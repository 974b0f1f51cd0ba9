// How to produce each documented answer on the whole service.

import { EXAMPLE } from "../../tools/openapi/example-ids.ts";
import { type DocumentedAnswer, type DocumentedExample, requests } from "./openapi-document.ts";
import type { Answer, Service } from "./service.ts";

interface Request {
  readonly caller?: string | undefined;
  readonly body?: unknown;
  readonly query?: string;
  /** In place of that of a session that there is. */
  readonly sessionId?: string;
  readonly headers?: Record<string, string>;
}

const clientsOwn = [
  "startSession",
  "accessEvaluation",
  "accessEvaluations",
  "searchResource",
  "searchAction",
];
const anyones = ["authzenConfiguration", "health", "readiness", "consoleConfiguration", "openapi", "docs"];

/** Who calls an operation, where nothing else is said. */
export function callerOf(operationId: string): string | undefined {
  if (anyones.includes(operationId)) return undefined;
  return clientsOwn.includes(operationId) ? EXAMPLE.client : EXAMPLE.agent;
}

/** A body that the operation takes, and is answered as one decision. */
function bodyOf(operationId: string): unknown {
  const own = requests.filter((one) => one.operationId === operationId);
  return (own.find(({ name }) => name === "single") ?? own[0])?.value;
}

/** Registers the agents and starts the sessions that the examples speak of. */
export async function setTheScene(service: Service): Promise<void> {
  const { agent, agentThatOptedOut, client } = EXAMPLE;
  const enforced = [
    agent,
    EXAMPLE.agentWithMisnamedScope,
    EXAMPLE.agentWithDisabledScope,
    EXAMPLE.agentWithAnotherScopeGranted,
    EXAMPLE.deletedAgent,
    EXAMPLE.disabledAgentIdentity,
  ];
  for (const caller of enforced) await service.call("POST", "/api/agent/register", { caller });
  const body = { service_config: { enforce_client_authz: false } };
  await service.call("POST", "/api/agent/register", { caller: agentThatOptedOut, body });
  for (const agent_entra_app_id of [agent, agent, agentThatOptedOut])
    await service.call("POST", "/api/session/start", { caller: client, body: { agent_entra_app_id } });
}

/** Sends a documented body as a caller that is allowed to. */
export function sendExample(service: Service, one: DocumentedExample): Promise<Answer> {
  const caller = one.name === "opted_out" ? EXAMPLE.agentThatOptedOut : callerOf(one.operationId);
  return service.call(one.method, one.path, { ...(caller !== undefined && { caller }), body: one.value });
}

// Which client is judged so with which agent, in the directory of the local stack.
const pairs: Readonly<Record<string, readonly [client: string, agent: string]>> = {
  pre_authorized: [EXAMPLE.client, EXAMPLE.agent],
  session: [EXAMPLE.client, EXAMPLE.agent],
  enforcement_disabled: [EXAMPLE.stranger, EXAMPLE.agentThatOptedOut],
  agent_not_registered: [EXAMPLE.client, EXAMPLE.unregisteredAgent],
  agent_application_not_found: [EXAMPLE.client, EXAMPLE.deletedAgent],
  agent_identity_disabled: [EXAMPLE.client, EXAMPLE.disabledAgentIdentity],
  scope_not_exposed: [EXAMPLE.client, EXAMPLE.agentWithMisnamedScope],
  scope_disabled: [EXAMPLE.client, EXAMPLE.agentWithDisabledScope],
  client_not_pre_authorized: [EXAMPLE.stranger, EXAMPLE.agent],
  scope_not_granted: [EXAMPLE.clientWithoutScope, EXAMPLE.agent],
};
const question = (client: string, agent: string, type = "client_application") => ({
  subject: { type, id: client },
  action: { name: "access_as_client" },
  resource: { type: "agent", id: agent },
});
const foreign = question(EXAMPLE.stranger, EXAMPLE.deletedAgent);
const asAgent = (agent: string): Request => ({
  caller: agent,
  body: { ...question("", agent), subject: { type: "client_application" } },
});

/** What is sent for an answer that is an operation's own. */
const own: Readonly<Record<string, Readonly<Record<string, Request>>>> = {
  registerAgent: {
    invalid_request: { body: { service_config: { enforce_client_auth: false } } },
    again: {
      caller: EXAMPLE.agentThatOptedOut,
      body: { service_config: { enforce_client_authz: false } },
    },
    first_time: {},
  },
  readRegistration: {
    registered: {},
    agent_not_registered: { caller: EXAMPLE.unregisteredAgent },
  },
  removeRegistration: { "": { caller: EXAMPLE.unregisteredAgent } },
  startSession: {
    invalid_request: { body: {} },
    deployment_not_allowed: { body: { agent_entra_app_id: EXAMPLE.agent, agent_deployment: "staging" } },
  },
  accessEvaluation: {
    invalid_request: { body: {} },
    not_your_decision: { body: foreign },
    not_applicable: { body: question(EXAMPLE.client, EXAMPLE.agent, "user") },
  },
  accessEvaluations: { invalid_request: { body: {} }, not_your_decision: { body: foreign } },
  searchSubject: {
    invalid_request: { body: {} },
    not_your_decision: { caller: EXAMPLE.client },
    clients: {},
    any: asAgent(EXAMPLE.agentThatOptedOut),
    none: asAgent(EXAMPLE.agentWithDisabledScope),
  },
  searchResource: { invalid_request: { body: {} }, not_your_decision: { caller: EXAMPLE.stranger } },
  searchAction: {
    invalid_request: { body: {} },
    not_your_decision: { caller: EXAMPLE.stranger },
    none: { caller: EXAMPLE.stranger, body: question(EXAMPLE.stranger, EXAMPLE.agent) },
  },
  readAuthorization: {
    enabled: {},
    misnamed: { caller: EXAMPLE.agentWithMisnamedScope },
    agent_identity: { caller: EXAMPLE.agentIdentity },
  },
  rehearseAuthorization: {
    invalid_request: { query: "?days=31" },
    rehearsal: { caller: EXAMPLE.agentThatOptedOut },
  },
  readUsage: { invalid_request: { query: "?days=0" }, usage: { caller: EXAMPLE.agentThatOptedOut } },
  listSessions: {
    invalid_request: { query: "?limit=0" },
    page: { query: "?limit=1" },
    last_page: { caller: EXAMPLE.agentWithMisnamedScope },
  },
  endSession: { "": {}, session_not_found: { sessionId: EXAMPLE.session } },
  readSession: { session: {}, session_not_found: { sessionId: EXAMPLE.session } },
  authzenConfiguration: { endpoints: {} },
  consoleConfiguration: { configuration: {} },
  health: { serves: {} },
  readiness: { ready: {} },
  openapi: { "": {} },
  docs: { "": {} },
};

/**
 * Problems that any endpoint can have. Their examples come from the code that responds with them, which other tests make
 * do so.
 */
const COMMON = [
  ...["caller_unidentified", "invalid_token", "application_token_required", "too_many_reads", "not_found"],
  ...[
    "not_an_owner",
    "length_required",
    "storage_unavailable",
    "directory_unavailable",
    "directory_access_denied",
  ],
  ...["livekit_unavailable", "session_limit_reached", "internal_error", "failed"],
];

/** Whether an answer is an operation's own. */
export const isOwn = ({ name }: DocumentedAnswer): boolean => !COMMON.includes(name);

/** Produces an operation's own answer. @throws if it is not known how */
export async function bringAbout(service: Service, one: DocumentedAnswer): Promise<Answer> {
  const { operationId, method, name } = one;
  // The agent itself may use what its owners may.
  const agentsOwn = operationId.replace(/OfAgent$/, "");
  const startedId = one.path.includes("{session_id}") ? await sessionIdOf(service, method) : "";
  const ask = (request: Request = {}) => {
    const { caller = callerOf(operationId), body = bodyOf(operationId), query = "", headers } = request;
    const path = one.path
      .replace("{session_id}", request.sessionId ?? startedId)
      .replace("{agent}", caller ?? "");
    return service.call(method, `${path}${query}`, {
      ...(caller !== undefined && { caller }),
      ...(headers !== undefined && { headers }),
      body: method === "POST" ? body : undefined,
    });
  };

  const ownRequest = own[agentsOwn]?.[name];
  if (name === "first_time")
    await service.call("DELETE", "/api/agent/registration", { caller: EXAMPLE.agent });
  if (ownRequest !== undefined) return await ask(ownRequest);
  const pair = pairs[name];
  if (pair !== undefined) {
    const [caller, agent] = pair;
    const body = operationId === "startSession" ? { agent_entra_app_id: agent } : question(caller, agent);
    return await ask({ caller, body });
  }
  if (name === "body_too_large") return await ask({ body: JSON.stringify({ x: "x".repeat(65_536) }) });
  if (name === "unsupported_media_type") return await ask({ headers: { "content-type": "text/plain" } });
  const documented = requests.find((request) => request.operationId === operationId && request.name === name);
  if (documented === undefined) throw new Error(`Nobody has said how ${operationId} answers ${name}.`);
  return await sendExample(service, documented);
}

/** The id of a session that was started: the newest one, or the oldest one if it will be ended. */
async function sessionIdOf(service: Service, method: string): Promise<string> {
  const { body } = await service.call("GET", "/api/agent/sessions?limit=2", { caller: EXAMPLE.agent });
  return body?.sessions?.at(method === "DELETE" ? -1 : 0)?.session_id ?? EXAMPLE.session;
}
