// What the owner of an agent does, on the whole service: from the first registration to the removal.

import { expect, test } from "vitest";
import { AGENT, api, CLIENT, OTHER_CLIENT, OTHER_SCOPE_ID } from "../support/app-registration.ts";
import { useService } from "../support/use-service.ts";

const REGISTER = "/api/agent/register";
const REGISTRATION = "/api/agent/registration";
const SESSIONS = "/api/agent/sessions";

const appRoles = [{ id: OTHER_SCOPE_ID, value: "access_as_client", isEnabled: true }];
const service = useService({
  // However busy the machine is.
  settings: { TABLES_TIMEOUT_MS: "60000" },
  applications: [{ id: AGENT, appId: AGENT, displayName: "Agent", api: api(), appRoles }],
});

const as = (method: string, path: string, body?: unknown, caller = AGENT) =>
  service.call(method, path, { caller, body });
const enforce = (enforce_client_authz: boolean) =>
  as("POST", REGISTER, { service_config: { enforce_client_authz } });

test("an owner registers the agent, sees who may connect, watches its sessions, and turns enforcement on", async () => {
  const before = (await as("GET", "/api/agent/authorization")).body;
  expect(before).toMatchObject({
    registered: false,
    scope: { state: "enabled", near_misses: [{ value: "access_as_client", reason: "app_role" }] },
    clients: [{ client_app_id: CLIENT, may_start_sessions: true }],
  });

  const registered = await enforce(false);
  expect(registered.status).toBe(201);
  expect((await as("GET", REGISTRATION)).body).toEqual(registered.body);

  const start = (caller: string) => as("POST", "/api/session/start", { agent_entra_app_id: AGENT }, caller);
  const started: string[] = [];
  for (const caller of [CLIENT, CLIENT, OTHER_CLIENT, CLIENT])
    started.unshift((await start(caller)).body.session_id);

  const { sessions: seen } = (await as("GET", SESSIONS)).body;
  expect(seen.map(({ session_id }: { session_id: string }) => session_id)).toEqual(started);
  expect((await as("GET", `${SESSIONS}/${started[0]}`)).body).toEqual(seen[0]);
  expect((await as("GET", `${SESSIONS}/${started[0]}`, undefined, OTHER_CLIENT)).status).toBe(404);
  expect((await as("GET", "/api/agent/authorization/rehearsal")).body.clients).toMatchObject([
    { client_app_id: OTHER_CLIENT, sessions: 1, may_start_sessions: false },
    { client_app_id: CLIENT, sessions: 3, may_start_sessions: true },
  ]);

  const enforced = await enforce(true);
  expect([enforced.status, enforced.body.registered_at]).toEqual([200, registered.body.registered_at]);
  expect((await start(OTHER_CLIENT)).body.code).toBe("client_not_pre_authorized");
  expect((await start(CLIENT)).status).toBe(200);

  expect((await as("DELETE", REGISTRATION)).status).toBe(204);
  expect((await start(CLIENT)).body.code).toBe("agent_not_registered");
  expect((await enforce(true)).status).toBe(201);
});
