import { describe, expect, test } from "vitest";
import { DependencyError } from "../../../src/domain/dependency-error.ts";
import { AGENT, api, CLIENT, entry, OTHER_CLIENT } from "../../support/app-registration.ts";
import { agentRows, identityOf } from "../../support/decision-table.ts";
import { application, NOW, testApp } from "../../support/test-app.ts";

const START = "/api/session/start";
const SESSION_ID = "01a20cc8-8e80-7000-8000-000000000002";
const direct = (changes: object = {}) => ({ agent_entra_app_id: AGENT, ...changes });
const dispatch = (changes: object = {}) => ({ room_config: { agents: [{ agent_name: AGENT, ...changes }] } });

/** Starts a session with an agent that allows the client and the deployment `staging`, unless the world says otherwise. */
async function start(body: unknown = direct(), world: Parameters<typeof testApp>[0] = {}, caller = CLIENT) {
  const app = testApp({ registered: { [AGENT]: { deployments: ["staging"] } }, ...world });
  return { app, ...(await app.request("POST", START, { caller, body })) };
}
/** Every member of the line of a start that got as far as a body. */
const line = (changes: object) => ({
  event: "session_start",
  decision_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  status: null,
  outcome: null,
  code: null,
  check: null,
  agent_entra_app_id: AGENT,
  client_app_id: CLIENT,
  session_id: null,
  enforce_client_authz: true,
  application_source: "graph",
  application_read_at: NOW.toISOString(),
  application_digest: "sha256:of-this",
  duration_ms: 32,
  graph_ms: 30,
  graph_attempts: 1,
  tables_ms: 2,
  ...changes,
});
const notRead = { application_source: null, application_read_at: null, application_digest: null };
const notAsked = { ...notRead, graph_ms: null, graph_attempts: null };

test("a session is answered with its room, identity and token; stored without the token; and logged", async () => {
  const { app, status, headers, body } = await start();
  const response = {
    session_id: SESSION_ID,
    server_url: "wss://livekit.example.com",
    participant_token: `token of ${SESSION_ID}`,
    room_name: `lkps-${AGENT}-${SESSION_ID}`,
    participant_identity: `${CLIENT}-suffix3`,
    agent_entra_app_id: AGENT,
    expires_at: "2026-11-24T09:10:00.000Z",
  };
  expect([status, body]).toEqual([200, response]);
  expect(headers).toEqual({ "cache-control": "no-store", "content-type": "application/json" });
  expect(app.sessions).toEqual([
    {
      sessionId: SESSION_ID,
      agent: AGENT,
      client: CLIENT,
      basis: "pre_authorized",
      roomName: response.room_name,
      participantIdentity: response.participant_identity,
      startedAt: NOW,
      expiresAt: new Date(response.expires_at),
      decisionId: app.lines[0].decision_id,
      known: {},
    },
  ]);
  const outcome = { status: 200, outcome: "session", code: "pre_authorized", session_id: SESSION_ID };
  expect(app.lines).toEqual([line({ ...outcome, duration_ms: 37, tables_ms: 7 })]);
});

test("sessions are unique: a hundred have a hundred rooms, identities and ids", async () => {
  const app = testApp();
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => app.request("POST", START, { caller: CLIENT, body: direct() })),
  );
  for (const member of ["session_id", "room_name", "participant_identity", "participant_token"]) {
    expect(new Set(answers.map(({ body }) => body[member])).size).toBe(100);
  }
});

test("SESSION_TOKEN_TTL_SECONDS is how long a token can be used", async () => {
  const { body } = await start(direct(), { settings: { SESSION_TOKEN_TTL_SECONDS: "60" } });
  expect(body.expires_at).toBe("2026-11-24T09:01:00.000Z");
});

describe("the decision table", () => {
  test.each(agentRows)("row $row, $situation: $status $code", async (row) => {
    const { agent, status, code, check = null, registered } = row;
    const { app, ...answer } = await start(
      { agent_entra_app_id: agent.toUpperCase() },
      {
        registered: registered === "no" ? {} : { [agent]: { enforceClientAuthz: registered === "enforced" } },
        identities: { [agent]: identityOf(row) },
      },
    );
    expect(answer.status).toBe(status);
    const enforced = registered === "enforced";
    // Graph is never asked about an agent that is not registered or has opted out.
    expect(app.calls.read).toBe(enforced ? 1 : 0);
    const allowed = status === 200;
    expect(app.lines).toEqual([
      line({
        ...(enforced ? {} : notAsked),
        status,
        outcome: allowed ? "session" : "denied",
        code,
        check,
        agent_entra_app_id: agent,
        session_id: answer.body.session_id ?? null,
        enforce_client_authz: registered === "no" ? null : enforced,
        duration_ms: (enforced ? 32 : 2) + (allowed ? 5 : 0),
        tables_ms: allowed ? 7 : 2,
      }),
    ]);
    if (allowed) return;
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.body).toEqual({
      type: `/api/docs/problems.html#${code}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      instance: "urn:lkps:invocation:the-invocation",
      code,
      decision_id: app.lines[0].decision_id,
      ...(check !== null && { check }),
    });
    expect(answer.text).not.toMatch(/server_url|participant_token/);
    expect(answer.body.detail).not.toMatch(/[0-9a-f]{8}-/i);
    expect([app.sessions, app.plans]).toEqual([[], []]);
  });
});

describe("a deployment", () => {
  test.each(["agent_deployment", "deployment"])("that the owner allows is dispatched: %s", async (member) => {
    const { app } = await start(
      member === "deployment" ? dispatch({ deployment: "staging" }) : direct({ agent_deployment: "staging" }),
    );
    expect(app.plans).toMatchObject([{ deployment: "staging" }]);
  });

  const refused = { status: 403, outcome: "rejected", code: "deployment_not_allowed" };
  const optedOut = { enforceClientAuthz: false, deployments: ["staging"] };
  test.each<[string, string, object, object]>([
    ["not in the list", "canary", {}, {}],
    ["in another letter case", "Staging", {}, {}],
    [
      "of an agent that opted out",
      "canary",
      { registered: { [AGENT]: optedOut } },
      { ...notAsked, enforce_client_authz: false, duration_ms: 2 },
    ],
  ])(
    "%s is rejected, which is not a denial, and names no other",
    async (_, agent_deployment, world, facts) => {
      const { app, status, body, text } = await start(direct({ agent_deployment }), world);
      expect([status, body.code, body.decision_id]).toEqual([
        403,
        "deployment_not_allowed",
        app.lines[0].decision_id,
      ]);
      expect(body).not.toHaveProperty("check");
      expect(text).not.toContain("staging");
      expect(app.lines).toEqual([line({ ...refused, ...facts })]);
      expect([app.sessions, app.plans]).toEqual([[], []]);
    },
  );

  test("of a client that is denied: the denial comes first", async () => {
    const { body } = await start(direct({ agent_deployment: "canary" }), { identities: {} });
    expect(body.code).toBe("agent_application_not_found");
  });
});

test("what the client says about its participant is in the plan of its token", async () => {
  const attributes = { lang: "de", emoji: "🙂" };
  const participant = {
    participant_name: "Zoë",
    participant_metadata: "m",
    participant_attributes: attributes,
  };
  const { app } = await start(direct({ ...participant, agent_metadata: "be brief" }));
  expect(app.plans).toMatchObject([
    { participant: { name: "Zoë", metadata: "m", attributes }, agentMetadata: "be brief" },
  ]);
});

test.each<[string, unknown]>([
  ["the id alone", direct()],
  ["the standard form", dispatch()],
  ["the standard form with metadata", dispatch({ metadata: "x" })],
  ["a deployment", direct({ agent_deployment: "staging" })],
  ["an empty deployment", direct({ agent_deployment: "" })],
  ["an empty deployment beside another", { ...dispatch({ deployment: "staging" }), agent_deployment: "" }],
  ["the standard form with agent_metadata", { ...dispatch(), agent_metadata: "x" }],
  ["unknown members", direct({ unknown: { deep: [1] }, client_id: "x" })],
  [
    "null for everything else",
    direct({
      participant_name: null,
      participant_metadata: null,
      participant_attributes: null,
      agent_metadata: null,
      room_config: null,
      room_name: null,
      participant_identity: null,
    }),
  ],
  [
    "null in the standard form",
    { agent_entra_app_id: null, ...dispatch({ metadata: null, deployment: null }) },
  ],
  ["null for other members of the room", { room_config: { agents: [{ agent_name: AGENT }], name: null } }],
  ["empty texts", direct({ participant_name: "", participant_metadata: "", participant_attributes: {} })],
  ["a name of 256 bytes", direct({ participant_name: "é".repeat(128) })],
  [
    "4,096 bytes together",
    direct({
      participant_metadata: "x".repeat(4_000),
      agent_metadata: "x".repeat(82),
      participant_attributes: { abc: "def" },
    }),
  ],
  ["a lone surrogate", `{"agent_entra_app_id":"${AGENT}","participant_name":"\\ud800"}`],
  ["an attribute __proto__", `{"agent_entra_app_id":"${AGENT}","participant_attributes":{"__proto__":"x"}}`],
])("%s starts a session", async (_, body) => {
  expect((await start(body)).status).toBe(200);
});

test.each<[string, unknown]>([
  ["no body", ""],
  ["null", null],
  ["a list", [direct()]],
  ["broken JSON", "{"],
  ["no agent", {}],
  ["null for the agent", { agent_entra_app_id: null }],
  ["an empty id", { agent_entra_app_id: "" }],
  ["a name for an id", { agent_entra_app_id: "agent" }],
  ["an id in braces", { agent_entra_app_id: `{${AGENT}}` }],
  ["an id with a space", { agent_entra_app_id: `${AGENT} ` }],
  ["a number for an id", { agent_entra_app_id: 7 }],
  ["a list of ids", { agent_entra_app_id: [AGENT] }],
  ["both forms at once", direct(dispatch())],
  ["two agents", { room_config: { agents: [{ agent_name: AGENT }, { agent_name: AGENT }] } }],
  ["no agents", { room_config: { agents: [] } }],
  ["no agent's name", { room_config: { agents: [{ metadata: "x" }] } }],
  ["an agent that is null", { room_config: { agents: [null] } }],
  ["agents that are no list", { room_config: { agents: { agent_name: AGENT } } }],
  ["a room that is text", { room_config: "x" }],
  ["another member of the room", { room_config: { agents: [{ agent_name: AGENT }], empty_timeout: 7 } }],
  ["another member of the agent", dispatch({ deployment_id: "x" })],
  ["a number for a deployment", dispatch({ deployment: 7 })],
  ["a deployment in both forms", { ...dispatch({ deployment: "staging" }), agent_deployment: "staging" }],
  ["a room's member named __proto__", `{"room_config":{"agents":[{"agent_name":"${AGENT}"}],"__proto__":1}}`],
  ["an agent's member __proto__", `{"room_config":{"agents":[{"agent_name":"${AGENT}","__proto__":{}}]}}`],
  ["metadata in both forms", { ...dispatch({ metadata: "x" }), agent_metadata: "y" }],
  ["a room's name", direct({ room_name: "mine" })],
  ["an empty room's name", direct({ room_name: "" })],
  ["an identity", direct({ participant_identity: "me" })],
  ["a number for a name", direct({ participant_name: 7 })],
  ["a name of 257 bytes", direct({ participant_name: `${"é".repeat(128)}x` })],
  ["an object for metadata", direct({ participant_metadata: {} })],
  ["a list for attributes", direct({ participant_attributes: ["a"] })],
  ["a number for an attribute", direct({ participant_attributes: { a: 1 } })],
  ["a null attribute", direct({ participant_attributes: { a: null } })],
  ["a null named __proto__", `{"agent_entra_app_id":"${AGENT}","participant_attributes":{"__proto__":null}}`],
  ["4,097 bytes of metadata, its quotes included", direct({ participant_metadata: "x".repeat(4_095) })],
  ["4,097 bytes in them", direct({ participant_attributes: { ["n".repeat(2_000)]: "v".repeat(2_093) } })],
  ["4,097 bytes in all", direct({ participant_metadata: "x".repeat(4_000), agent_metadata: "x".repeat(93) })],
])("%s is 400 invalid_request, and the line names the client only", async (_, body) => {
  const { app, status, body: problem, text } = await start(body);
  expect([status, problem.code]).toEqual([400, "invalid_request"]);
  expect(text).not.toMatch(/server_url|participant_token/);
  const facts = {
    ...notAsked,
    agent_entra_app_id: null,
    enforce_client_authz: null,
    tables_ms: null,
    duration_ms: 0,
  };
  expect(app.lines).toEqual([line({ ...facts, status: 400, outcome: "rejected", code: "invalid_request" })]);
});

describe("what fails closes", () => {
  const down = new DependencyError("storage_unavailable", "inner detail", { retryAfterSeconds: 7 });
  const unread = new DependencyError("directory_unavailable", "inner detail", { attempts: 3 });
  test.each<["tables" | "graph" | "liveKit", unknown, number, string, string | undefined, object]>([
    [
      "tables",
      down,
      503,
      "storage_unavailable",
      "7",
      { ...notAsked, enforce_client_authz: null, duration_ms: 2 },
    ],
    ["graph", unread, 503, "directory_unavailable", "1", { ...notRead, graph_attempts: 3 }],
    [
      "graph",
      new DependencyError("directory_access_denied", "inner detail"),
      503,
      "directory_access_denied",
      "1",
      notAsked,
    ],
    [
      "liveKit",
      new TypeError("inner detail"),
      500,
      "internal_error",
      undefined,
      { duration_ms: 37, tables_ms: 7 },
    ],
  ])("%s: %s is %d %s", async (adapter, error, status, code, retryAfter, changes) => {
    const app = testApp();
    app.failures[adapter] = error;
    const answer = await app.request("POST", START, { caller: CLIENT, body: direct() });
    expect([answer.status, answer.body.code, answer.headers["retry-after"]]).toEqual([
      status,
      code,
      retryAfter,
    ]);
    expect(answer.text).not.toMatch(/server_url|participant_token|inner detail/);
    expect(app.plans).toEqual([]);
    expect(app.lines).toMatchObject([
      {
        ...line({ ...changes, status, outcome: "failed", code }),
        duration_ms: expect.any(Number),
        tables_ms: expect.any(Number),
      },
      {
        event: "failure",
        decision_id: app.lines[0].decision_id,
        code,
        causes: [expect.stringContaining("inner detail")],
      },
    ]);
  });

  test("a record that cannot be stored: no token", async () => {
    const app = testApp({ registered: { [AGENT]: { enforceClientAuthz: false } } });
    app.sessions.push = () => {
      throw down;
    };
    const answer = await app.request("POST", START, { caller: CLIENT, body: direct() });
    expect([answer.status, answer.body.code]).toEqual([503, "storage_unavailable"]);
    expect(answer.text).not.toContain("token of");
    expect(app.lines[0]).toMatchObject({ outcome: "failed", session_id: null, tables_ms: 7 });
  });
});

test("a caller that spends its reads of Graph is 429 with Retry-After; nobody else is, and opted-out agents cost nothing", async () => {
  const open = "a9e17000-0000-4000-8000-0000000000ff";
  const app = testApp({
    settings: { GRAPH_READS_PER_CALLER: "10" },
    registered: { [AGENT]: {}, [open]: { enforceClientAuthz: false } },
    identities: {
      [AGENT]: application(api({ preAuthorizedApplications: [entry(), entry({ appId: OTHER_CLIENT })] })),
    },
  });
  const as = (caller: string, agent = AGENT) =>
    app.request("POST", START, { caller, body: { agent_entra_app_id: agent } });
  for (let n = 0; n < 10; n++) expect((await as(CLIENT)).status).toBe(200);
  app.lines.length = 0;
  const refused = await as(CLIENT);
  expect([refused.status, refused.body.code]).toEqual([429, "too_many_reads"]);
  expect(Number(refused.headers["retry-after"])).toBeGreaterThanOrEqual(9);
  expect(app.lines).toEqual([
    line({ ...notAsked, status: 429, outcome: "rejected", code: "too_many_reads", duration_ms: 2 }),
  ]);
  expect((await as(CLIENT, open)).status).toBe(200);
  expect((await as(OTHER_CLIENT)).status).toBe(200);
  app.time.elapsed += 10_000;
  expect((await as(CLIENT)).status).toBe(200);
});
