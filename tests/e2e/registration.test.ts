import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Service, startService } from "../support/service.ts";

const REGISTER = "/api/agent/register";
const REGISTRATION = "/api/agent/registration";
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let service: Service;
let count = 0;

/** An agent that no other test uses. */
const newAgent = () => `a9e17000-0000-4000-8000-${String(++count).padStart(12, "0")}`;

beforeAll(async () => {
  service = await startService({ applications: [] });
});
afterAll(() => service?.close());

test("the first registration is 201, the next 200; registered_at stays and updated_at moves", async () => {
  const caller = newAgent();
  const first = await service.call("POST", REGISTER, { caller });
  expect(first.status).toBe(201);
  expect(first.body).toEqual({
    agent_entra_app_id: caller,
    agent_name: caller,
    server_url: "ws://127.0.0.1:7880",
    service_config: { enforce_client_authz: true, limits: {}, deployments: [] },
    registered_at: expect.stringMatching(TIME),
    updated_at: first.body.registered_at,
  });
  const second = await service.call("POST", REGISTER, { caller, body: {} });
  expect(second.status).toBe(200);
  expect(second.body.registered_at).toBe(first.body.registered_at);
  expect(second.body.updated_at > first.body.updated_at).toBe(true);
  const own = await service.call("GET", REGISTRATION, { caller });
  expect([own.status, own.body]).toEqual([200, second.body]);
});

test("an id in upper case is the same agent, stored and returned in lower case", async () => {
  const caller = "a9e17000-0000-4000-8000-abcdefabcdef";
  await service.call("POST", REGISTER, { caller: caller.toUpperCase() });
  const own = await service.call("GET", REGISTRATION, { caller });
  expect(own.body.agent_entra_app_id).toBe(caller);
});

const optOut = { service_config: { enforce_client_authz: false } };

test.each<[string, unknown, boolean]>([
  ["no body", undefined, true],
  ["{}", {}, true],
  ["an empty service_config", { service_config: {} }, true],
  ["enforcement on", { service_config: { enforce_client_authz: true } }, true],
  ["enforcement off", optOut, false],
  ["unknown members beside service_config", { ...optOut, name: "agent", __proto__: {}, other: null }, false],
])("%s registers, also over an earlier opt-out", async (_, body, enforced) => {
  const caller = newAgent();
  await service.call("POST", REGISTER, { caller, body: optOut });
  const answer = await service.call("POST", REGISTER, { caller, body });
  expect([answer.status, answer.body.service_config]).toEqual([
    200,
    { enforce_client_authz: enforced, limits: {}, deployments: [] },
  ]);
});

test("limits come from the latest registration, each optional", async () => {
  const caller = newAgent();
  const all = { max_session_minutes: 1_440, max_live_sessions: 10_000, max_live_sessions_per_client: 1 };
  for (const limits of [all, { max_live_sessions_per_client: 10_000 }, {}]) {
    const { body } = await service.call("POST", REGISTER, { caller, body: { service_config: { limits } } });
    expect(JSON.stringify(body.service_config)).toBe(
      JSON.stringify({ enforce_client_authz: true, limits, deployments: [] }),
    );
    const own = await service.call("GET", REGISTRATION, { caller });
    expect(own.body.service_config).toEqual(body.service_config);
  }
});

test("deployments come from the latest registration", async () => {
  const caller = newAgent();
  const deployments = [..."0123456789"].map((digit) => digit.padEnd(64, "aZ._-"));
  for (const service_config of [
    { deployments },
    { deployments: [] },
    { deployments, ...optOut.service_config },
  ]) {
    const { body } = await service.call("POST", REGISTER, { caller, body: { service_config } });
    expect(body.service_config).toEqual({ enforce_client_authz: true, limits: {}, ...service_config });
    const own = await service.call("GET", REGISTRATION, { caller });
    expect(own.body.service_config).toEqual(body.service_config);
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
  ["null for limits", { service_config: { limits: null } }],
  ["a list for limits", { service_config: { limits: [] } }],
  ["an unknown limit", { service_config: { limits: { max_sessions: 1 } } }],
  ["null for a limit", { service_config: { limits: { max_live_sessions: null } } }],
  ["a limit of zero", { service_config: { limits: { max_live_sessions: 0 } } }],
  ["text for a limit", { service_config: { limits: { max_live_sessions_per_client: "1" } } }],
  ["a fraction for a limit", { service_config: { limits: { max_session_minutes: 1.5 } } }],
  ["a limit that is too high", { service_config: { limits: { max_session_minutes: 1_441 } } }],
  ["a member named __proto__", '{"service_config":{"__proto__":{"enforce_client_authz":false}}}'],
  ["a member named like a token", { service_config: { participant_token: "x", server_url: "y" } }],
])("%s is 400, and the registration stays as it was", async (_, body) => {
  const caller = newAgent();
  const before = await service.call("POST", REGISTER, { caller, body: optOut });
  const answer = await service.call("POST", REGISTER, { caller, body });
  expect([answer.status, answer.body.code]).toEqual([400, "invalid_request"]);
  expect(answer.text).not.toMatch(/participant_token|server_url/);
  const after = await service.call("GET", REGISTRATION, { caller });
  expect(after.body).toEqual(before.body);
});

test("without a registration, reading answers 404 and removing 204", async () => {
  const caller = newAgent();
  const none = await service.call("GET", REGISTRATION, { caller });
  expect([none.status, none.body.code]).toEqual([404, "agent_not_registered"]);
  expect((await service.call("DELETE", REGISTRATION, { caller })).status).toBe(204);
});

test("a removed agent is not registered; registering again is a first registration", async () => {
  const caller = newAgent();
  await service.call("POST", REGISTER, { caller });
  const removed = await service.call("DELETE", REGISTRATION, { caller });
  expect([removed.status, removed.text, removed.headers.get("cache-control")]).toEqual([204, "", "no-store"]);
  expect((await service.call("GET", REGISTRATION, { caller })).status).toBe(404);
  expect((await service.call("POST", REGISTER, { caller })).status).toBe(201);
});

describe("200 at the same time", () => {
  test("concurrent registrations and removals of one agent never fail", async () => {
    const caller = newAgent();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        n % 4 === 0
          ? service.call("DELETE", REGISTRATION, { caller })
          : service.call("POST", REGISTER, { caller }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201, 204]));
  });
});

test("each registration and removal writes one line, with every member", async () => {
  const caller = newAgent();
  await service.call("POST", REGISTER, { caller });
  await service.call("DELETE", REGISTRATION, { caller });
  const records = service.lines.filter((line) => line.includes(caller)).map((line) => JSON.parse(line));
  expect(records.map(({ event, status, outcome, code }) => [event, status, outcome, code])).toEqual([
    ["agent_registered", 201, "done", null],
    ["agent_unregistered", 204, "done", null],
  ]);
  const members =
    "event,decision_id,status,outcome,code,check,agent_entra_app_id,client_app_id,session_id,enforce_client_authz," +
    "application_source,application_read_at,application_digest,duration_ms,graph_ms,graph_attempts,tables_ms";
  for (const record of records) expect(Object.keys(record).join()).toBe(members);
});
