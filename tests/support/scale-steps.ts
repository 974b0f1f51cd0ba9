// A day of LKPS in four moments: every kind of request that the scale model knows, and how it is sent.

import type { Request } from "../../tools/scale/operations.ts";
import { CLIENT, OTHER_CLIENT } from "./app-registration.ts";

const id = (n: number) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}`;
export const [BUSY, QUIET, OPTED_OUT] = [id(1), id(2), id(3)];
const [UNREGISTERED, NOBODY] = [id(4), "nobody"];
const optOut = { service_config: { enforce_client_authz: false } };

/** The same requests `times` at once, and the status of each answer. */
export interface Step extends Request {
  readonly times?: number;
  readonly status?: number;
}

/** More than a second apart, so that a denial never rests on what an earlier time has read. */
export const steps: readonly Step[] = [
  { at: 0, kind: "agentRegistered", agent: BUSY, status: 201 },
  { at: 0, kind: "agentRegistered", agent: QUIET, status: 201 },
  { at: 0, kind: "agentRegistered", agent: BUSY },
  { at: 0, kind: "sessionStarted", agent: BUSY, times: 5 },
  { at: 0, kind: "sessionStarted", agent: QUIET, times: 3 },
  { at: 0, kind: "sessionStartedOptedOut", agent: OPTED_OUT, times: 4 },
  { at: 0, kind: "startWithUnregistered", agent: UNREGISTERED, times: 2, status: 404 },
  { at: 2_000, kind: "startDenied", agent: BUSY, times: 2, status: 403 },
  { at: 2_000, kind: "sessionStarted", agent: BUSY, times: 2 },
  { at: 2_000, kind: "evaluationAllowed", agent: QUIET },
  { at: 4_000, kind: "evaluationDenied", agent: QUIET, times: 2 },
  { at: 4_000, kind: "sessionStarted", agent: QUIET },
  { at: 4_000, kind: "authorizationViewed", agent: BUSY, times: 2 },
  { at: 4_000, kind: "sessionsListed", agent: BUSY },
  { at: 6_000, kind: "readinessProbed", agent: NOBODY, times: 2 },
  { at: 6_000, kind: "clientsSearched", agent: QUIET },
  { at: 6_000, kind: "authorizationRehearsed", agent: BUSY },
];

const action = { name: "access_as_client" };
const subjectOf = (client: string) => ({ type: "client_application", id: client });
const resourceOf = (agent: string) => ({ type: "agent", id: agent });

/** The HTTP request of each kind: method, path, caller, body. */
export const calls: Record<
  Request["kind"],
  (agent: string) => readonly [method: string, path: string, caller: string, body?: unknown]
> = {
  agentRegistered: (agent) => ["POST", "/api/agent/register", agent, agent === OPTED_OUT ? optOut : {}],
  sessionStarted: (agent) => ["POST", "/api/session/start", CLIENT, { agent_entra_app_id: agent }],
  sessionStartedOptedOut: (agent) => ["POST", "/api/session/start", CLIENT, { agent_entra_app_id: agent }],
  startDenied: (agent) => ["POST", "/api/session/start", OTHER_CLIENT, { agent_entra_app_id: agent }],
  startWithUnregistered: (agent) => ["POST", "/api/session/start", CLIENT, { agent_entra_app_id: agent }],
  evaluationAllowed: (agent) => evaluation(agent, CLIENT),
  evaluationDenied: (agent) => evaluation(agent, OTHER_CLIENT),
  clientsSearched: (agent) => [
    "POST",
    "/api/access/v1/search/subject",
    agent,
    { subject: { type: "client_application" }, action, resource: resourceOf(agent) },
  ],
  authorizationViewed: (agent) => ["GET", "/api/agent/authorization", agent],
  authorizationRehearsed: (agent) => ["GET", "/api/agent/authorization/rehearsal", agent],
  sessionsListed: (agent) => ["GET", "/api/agent/sessions", agent],
  readinessProbed: () => ["GET", "/api/health/ready", CLIENT],
};

function evaluation(agent: string, client: string) {
  const body = { subject: subjectOf(client), action, resource: resourceOf(agent) };
  return ["POST", "/api/access/v1/evaluation", client, body] as const;
}
