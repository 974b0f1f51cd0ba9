// How to produce each documented answer on the whole service.

import { setTimeout as sleep } from "node:timers/promises";
import { lkpsClientId } from "../../dev/local-defaults.ts";
import { EXAMPLE } from "../../src/contract/example-ids.ts";
import { answer, type Fault, type FaultProxy } from "./fault-proxy.ts";
import type { FaultyService } from "./faulty-service.ts";
import { type DocumentedAnswer, type DocumentedExample, requests } from "./openapi-document.ts";
import type { Answer } from "./service.ts";

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
const anyones = ["authzenConfiguration", "health", "readiness", "openapi", "docs"];

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
export async function setTheScene({ service }: FaultyService): Promise<void> {
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
export function sendExample({ service }: FaultyService, one: DocumentedExample): Promise<Answer> {
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
  listSessions: {
    invalid_request: { query: "?limit=0" },
    page: { query: "?limit=1" },
    last_page: { caller: EXAMPLE.agentWithMisnamedScope },
  },
  endSession: { session_not_found: { sessionId: EXAMPLE.session } },
  readSession: { session: {}, session_not_found: { sessionId: EXAMPLE.session } },
  authzenConfiguration: { endpoints: {}, not_found: {} },
  health: { serves: {} },
  readiness: { ready: {} },
  openapi: { "": {} },
  docs: { "": {} },
};

const withoutGraph = [
  "registerAgent",
  "readRegistration",
  "removeRegistration",
  "listSessions",
  "readSession",
  "endSession",
];

/** Whether an answer occurs only if LKPS checks access tokens itself. */
export const isAboutTokens = ({ operationId, name }: DocumentedAnswer): boolean =>
  ["caller_unidentified", "invalid_token"].includes(name) ||
  (name === "directory_unavailable" && withoutGraph.includes(operationId));

/** Whether an answer occurs only if LKPS has checked a user's access token itself. */
export const isAboutUsers = ({ name }: DocumentedAnswer): boolean => name === "application_token_required";

/** Whether an answer occurs only if a caller's rate limit is small. */
export const isAboutReads = ({ name }: DocumentedAnswer): boolean => name === "too_many_reads";

/** Whether an answer occurs only if LKPS does not know its address. */
export const isAboutAddress = ({ name }: DocumentedAnswer): boolean => name === "not_found";

/** Whether an answer shows a defect, which no request can cause, or needs a LiveKit server, which is not there. */
export const isOutOfReach = ({ operationId, name }: DocumentedAnswer): boolean =>
  name === "internal_error" || (operationId === "endSession" && name === "");

/** Produces an answer. @throws if it is not known how */
export async function bringAbout(faulty: FaultyService, one: DocumentedAnswer): Promise<Answer> {
  const { service } = faulty;
  const { operationId, method, name } = one;
  const startedId = one.path.includes("{session_id}") ? await sessionIdOf(faulty) : "";
  const ask = (request: Request = {}) => {
    const { caller = callerOf(operationId), body = bodyOf(operationId), query = "", headers } = request;
    const path = one.path.replace("{session_id}", request.sessionId ?? startedId);
    return service.call(method, `${path}${query}`, {
      ...(caller !== undefined && { caller }),
      ...(headers !== undefined && { headers }),
      body: method === "POST" ? body : undefined,
    });
  };

  // These ask Graph and Table Storage once a second at most: what they are to meet is there only then.
  if (one.status === 503 && ["readiness", "readAuthorization"].includes(operationId)) await sleep(1_100);
  const ownRequest = own[operationId]?.[name];
  if (name === "first_time")
    await service.call("DELETE", "/api/agent/registration", { caller: EXAMPLE.agent });
  if (ownRequest !== undefined) return await ask(ownRequest);
  const pair = pairs[name];
  if (pair !== undefined) {
    const [caller, agent] = pair;
    const body = operationId === "startSession" ? { agent_entra_app_id: agent } : question(caller, agent);
    return await ask({ caller, body });
  }
  const documented = requests.find((request) => request.operationId === operationId && request.name === name);
  if (documented !== undefined) return await sendExample(faulty, documented);
  const common: Record<string, () => Promise<Answer>> = {
    caller_unidentified: () => service.call(method, one.path, { body: bodyOf(operationId) }),
    invalid_token: () => ask({ headers: { authorization: "Bearer x" } }),
    length_required: () => sendChunked(faulty, one),
    body_too_large: () => ask({ body: JSON.stringify({ x: "x".repeat(65_536) }) }),
    unsupported_media_type: () => ask({ headers: { "content-type": "text/plain" } }),
    storage_unavailable: () => during(faulty.tables, answer(403), ask),
    directory_unavailable: () =>
      // The keys are nowhere to be had then: see the settings.
      isAboutTokens(one)
        ? ask({ headers: { authorization: unverified } })
        : during(faulty.graph, answer(500), ask),
    directory_access_denied: () => during(faulty.graph, answer(403), ask),
    application_token_required: async () => {
      const { entra } = service.stack;
      const issued = { aud: lkpsClientId, iss: entra.issuers.v2, ver: "2.0", exp: Date.now() / 1_000 + 600 };
      const accessToken = await entra.sign({ ...issued, azp: callerOf(operationId) ?? "", scp: "access" });
      return await ask({ headers: { authorization: `Bearer ${accessToken}` } });
    },
    too_many_reads: async () => {
      const caller = callerOf(operationId) ?? "";
      const body = question(caller === EXAMPLE.agent ? EXAMPLE.client : caller, EXAMPLE.agent);
      // As many as the caller may read, and no cache.
      for (let n = 0; n < 10; n++) await service.call("POST", "/api/access/v1/evaluation", { caller, body });
      return await ask();
    },
    livekit_unavailable: () => ask(),
    session_limit_reached: async () => {
      const caller = EXAMPLE.agent;
      const limits = { max_live_sessions_per_client: 1 };
      await service.call("POST", "/api/agent/register", { caller, body: { service_config: { limits } } });
      const response = await ask();
      await service.call("POST", "/api/agent/register", { caller });
      return response;
    },
    failed: () => during(faulty.graph, answer(500), () => ask({ body: batch })),
  };
  const situation = common[name];
  if (situation === undefined) throw new Error(`Nobody has said how ${operationId} answers ${name}.`);
  return await situation();
}

/** The id of a session that was started, if the agent may ask for it. */
async function sessionIdOf({ service }: FaultyService): Promise<string> {
  const { body } = await service.call("GET", "/api/agent/sessions?limit=1", { caller: EXAMPLE.agent });
  return body?.sessions?.[0]?.session_id ?? EXAMPLE.session;
}

const batch = requests.find(({ name }) => name === "batch")?.value;
const unverified = `Bearer ${[{ alg: "RS256", kid: "k" }, { ver: "2.0" }, "x"]
  .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
  .join(".")}`;

async function during(proxy: FaultProxy, fault: Fault, work: () => Promise<Answer>): Promise<Answer> {
  const failing = proxy.fail(() => true, fault);
  try {
    return await work();
  } finally {
    failing.end();
  }
}

/** Without a length, as HTTP/1.1 sends what it does not know the length of. */
async function sendChunked({ service }: FaultyService, { operationId, method, path }: DocumentedAnswer) {
  const response = await fetch(`${service.stack.appUrl}${path}`, {
    method,
    headers: {
      "content-type": "application/json",
      "x-functions-key": service.stack.functionKey,
      "client-id": callerOf(operationId) ?? "",
    },
    body: new Blob([JSON.stringify(bodyOf(operationId))]).stream(),
    duplex: "half",
  } as RequestInit);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
}
