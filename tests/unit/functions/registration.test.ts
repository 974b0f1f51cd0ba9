import { describe, expect, test } from "vitest";
import { DependencyError } from "../../../src/domain/dependency-error.ts";
import { AGENT } from "../../support/app-registration.ts";
import { NOW, testApp } from "../../support/test-app.ts";

const REGISTER = "/api/agent/register";
const REGISTRATION = "/api/agent/registration";
const optOut = { service_config: { enforce_client_authz: false } };
const caller = AGENT;

const register = (app: ReturnType<typeof testApp>, body?: unknown) =>
  app.request("POST", REGISTER, { caller, body });
const line = (changes: object) => ({
  event: "agent_registered",
  decision_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  status: 200,
  outcome: "done",
  code: null,
  check: null,
  agent_entra_app_id: AGENT,
  client_app_id: null,
  session_id: null,
  enforce_client_authz: true,
  application_source: null,
  application_read_at: null,
  application_digest: null,
  duration_ms: 4,
  graph_ms: null,
  graph_attempts: null,
  tables_ms: 4,
  ...changes,
});

test("the first registration is 201, the next 200: registered_at stays, updated_at moves, and each writes a line", async () => {
  const app = testApp({ registered: {} });
  const first = await app.request("POST", REGISTER, { caller: AGENT.toUpperCase() });
  const registration = {
    agent_entra_app_id: AGENT,
    agent_name: AGENT,
    server_url: "wss://livekit.example.com",
    service_config: { enforce_client_authz: true, deployments: [] },
    registered_at: NOW.toISOString(),
    updated_at: NOW.toISOString(),
  };
  expect([first.status, first.body]).toEqual([201, registration]);
  app.time.now = new Date(NOW.getTime() + 1);
  const second = await register(app, optOut);
  const changed = {
    ...registration,
    service_config: { enforce_client_authz: false, deployments: [] },
    updated_at: "2026-11-24T09:00:00.001Z",
  };
  expect([second.status, second.body]).toEqual([200, changed]);
  const own = await app.request("GET", REGISTRATION, { caller });
  expect([own.status, own.body]).toEqual([200, changed]);
  expect(app.lines).toEqual([line({ status: 201 }), line({ enforce_client_authz: false })]);
});

test.each<[string, unknown, boolean]>([
  ["no body", undefined, true],
  ["{}", {}, true],
  ["an empty service_config", { service_config: {} }, true],
  ["enforcement on", { service_config: { enforce_client_authz: true } }, true],
  ["enforcement off", optOut, false],
  ["unknown members beside service_config", { ...optOut, name: "agent", __proto__: {}, other: null }, false],
])("%s registers, also over an earlier opt-out", async (_, body, enforced) => {
  const app = testApp({ registered: { [AGENT]: { enforceClientAuthz: false, deployments: ["staging"] } } });
  const { status, body: answer } = await register(app, body);
  expect([status, answer.service_config]).toEqual([200, { enforce_client_authz: enforced, deployments: [] }]);
});

test("deployments come from the latest registration", async () => {
  const app = testApp();
  const deployments = [..."0123456789"].map((digit) => digit.padEnd(64, "aZ._-"));
  for (const service_config of [
    { deployments },
    { deployments: [] },
    { deployments, ...optOut.service_config },
  ]) {
    const { body } = await register(app, { service_config });
    expect(body.service_config).toEqual({ enforce_client_authz: true, ...service_config });
    expect((await app.request("GET", REGISTRATION, { caller })).body).toEqual(body);
  }
});

test.each<[string, unknown]>([
  ["null", null],
  ["a list", []],
  ["text", '"x"'],
  ["a number", "7"],
  ["broken JSON", '{"service_config":'],
  ["two values", "{}{}"],
  ["only a space", " "],
  ["bytes that are no UTF-8", new Uint8Array([0x7b, 0xff, 0x7d])],
  ["a null service_config", { service_config: null }],
  ["a list for service_config", { service_config: [] }],
  ["text for service_config", { service_config: "off" }],
  ["null for the flag", { service_config: { enforce_client_authz: null } }],
  ["text for the flag", { service_config: { enforce_client_authz: "false" } }],
  ["a number for the flag", { service_config: { enforce_client_authz: 0 } }],
  ["an unknown member", { service_config: { enforce_client_authz: true, enforce: false } }],
  ["a misspelled flag", { service_config: { enforce_client_auth: false } }],
  ["null for deployments", { service_config: { deployments: null } }],
  ["text for deployments", { service_config: { deployments: "staging" } }],
  ["a number among deployments", { service_config: { deployments: ["staging", 7] } }],
  ["an empty deployment", { service_config: { deployments: [""] } }],
  ["a deployment with a space", { service_config: { deployments: ["a b"] } }],
  ["a deployment of 65 letters", { service_config: { deployments: ["x".repeat(65)] } }],
  ["eleven deployments", { service_config: { deployments: Array(11).fill("a") } }],
  ["a member named __proto__", '{"service_config":{"__proto__":{"enforce_client_authz":false}}}'],
  ["a member named like a token", { service_config: { participant_token: "x", server_url: "y" } }],
])("%s is 400, and the registration stays as it was", async (_, body) => {
  const app = testApp();
  const before = [...app.registrations];
  const answer = await register(app, body);
  expect([answer.status, answer.body.code]).toEqual([400, "invalid_request"]);
  expect(answer.text).not.toMatch(/participant_token|server_url/);
  expect([...app.registrations]).toEqual(before);
  const rejected = { status: 400, outcome: "rejected", code: "invalid_request", enforce_client_authz: null };
  expect(app.lines).toEqual([line({ ...rejected, duration_ms: 0, tables_ms: null })]);
});

test("a removed agent is not registered, and removing again is 204 too", async () => {
  const app = testApp();
  for (let n = 0; n < 2; n++) {
    const { status, text, headers } = await app.request("DELETE", REGISTRATION, { caller });
    expect([status, text, headers["cache-control"]]).toEqual([204, "", "no-store"]);
  }
  const removed = line({ event: "agent_unregistered", status: 204, enforce_client_authz: null });
  expect(app.lines).toEqual([removed, removed]);
  const own = await app.request("GET", REGISTRATION, { caller });
  expect([own.status, own.body.code]).toEqual([404, "agent_not_registered"]);
  expect((await register(app)).status).toBe(201);
});

describe("while Table Storage is down, 503 with Retry-After", () => {
  test.each([
    ["POST", REGISTER, "agent_registered"],
    ["DELETE", REGISTRATION, "agent_unregistered"],
    ["GET", REGISTRATION, undefined],
  ])("%s %s", async (method, path, event) => {
    const app = testApp();
    app.failures.tables = new DependencyError("storage_unavailable", "inner detail", {
      retryAfterSeconds: 3,
    });
    const { status, headers, body, text } = await app.request(method, path, { caller });
    expect([status, body.code, headers["retry-after"]]).toEqual([503, "storage_unavailable", "3"]);
    expect(text).not.toContain("inner detail");
    const failed = line({
      event,
      status,
      outcome: "failed",
      code: "storage_unavailable",
      enforce_client_authz: null,
    });
    expect(app.lines).toMatchObject([
      ...(event === undefined ? [] : [failed]),
      { event: "failure", code: "storage_unavailable", causes: ["DependencyError: inner detail"] },
    ]);
  });
});
