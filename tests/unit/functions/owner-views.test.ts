import { expect, test } from "vitest";
import { agentIdentityOf } from "../../../src/adapters/graph/graph-response.ts";
import { DependencyError } from "../../../src/domain/dependency-error.ts";
import type { KnownSession } from "../../../src/domain/known-session.ts";
import {
  AGENT,
  agentIdentity,
  api,
  BLUEPRINT,
  CLIENT,
  OTHER_CLIENT,
  OTHER_SCOPE_ID,
  SCOPE_ID,
  scope,
} from "../../support/app-registration.ts";
import { application, NOW, testApp } from "../../support/test-app.ts";

const VIEW = "/api/agent/authorization";
const SESSIONS = "/api/agent/sessions";
const USAGE = "/api/agent/usage";
const REHEARSAL = "/api/agent/authorization/rehearsal";
const THIRD_CLIENT = "c11e0000-0000-4000-8000-0000000000cc";

type App = ReturnType<typeof testApp>;
const get = (app: App, path: string, caller = AGENT) => app.request("GET", path, { caller });

/** An agent that opted out, with one session of each of these clients, a second apart. */
async function appWithSessions(...clients: string[]) {
  const app = testApp({ registered: { [AGENT]: { enforceClientAuthz: false } } });
  for (const caller of clients) {
    app.time.now = new Date(app.time.now.getTime() + 1_000);
    await app.request("POST", "/api/session/start", { caller, body: { agent_entra_app_id: AGENT } });
  }
  app.lines.length = 0;
  return app;
}

test("the authorization can be seen before the agent registers", async () => {
  const { status, body } = await get(testApp({ registered: {} }), VIEW);
  expect([status, body]).toEqual([
    200,
    {
      agent_entra_app_id: AGENT,
      registered: false,
      enforce_client_authz: null,
      application_found: true,
      application_read_at: NOW.toISOString(),
      identity: { kind: "application", blueprint_app_id: null },
      scope: { state: "enabled", delegated_permission_id: SCOPE_ID, near_misses: [] },
      clients: [{ client_app_id: CLIENT, may_start_sessions: true, code: "pre_authorized", repair: null }],
      complete: true,
      repairs: [expect.stringContaining("POST /api/agent/register")],
    },
  ]);
});

const role = {
  id: OTHER_SCOPE_ID,
  value: "access_as_client",
  isEnabled: true,
  allowedMemberTypes: ["Application"],
};
const otherScope = api({ oauth2PermissionScopes: [scope({ value: "user_impersonation" })] });
const identity = agentIdentityOf(agentIdentity());
const optedOut = { registered: { [AGENT]: { enforceClientAuthz: false } } };
test.each<[string, Parameters<typeof testApp>[0], object]>([
  ["enforcement is on", {}, { registered: true, enforce_client_authz: true, repairs: [] }],
  [
    "enforcement is off",
    optedOut,
    { enforce_client_authz: false, repairs: [expect.stringMatching(/^Enforcement is off/)] },
  ],
  [
    "an app role has the scope's name",
    { identities: { [AGENT]: application(otherScope, [role]) } },
    {
      scope: {
        state: "missing",
        delegated_permission_id: null,
        near_misses: [{ value: "access_as_client", reason: "app_role" }],
      },
    },
  ],
  [
    "there is no app registration",
    { identities: {} },
    {
      application_found: false,
      identity: { kind: null },
      scope: { state: "missing" },
      clients: [],
      repairs: { length: 1 },
    },
  ],
  [
    "the agent has an agent identity",
    { identities: { [AGENT]: identity && { ...identity, application: { api: api() } } } },
    { application_found: true, identity: { kind: "agent_identity", blueprint_app_id: BLUEPRINT } },
  ],
])("the authorization says that %s", async (_, world, expected) => {
  const { status, body } = await get(testApp(world), VIEW);
  expect(status).toBe(200);
  expect(body).toMatchObject(expected);
});

test("the list has the newest sessions first, with what is stored about each, one page at a time", async () => {
  const app = await appWithSessions(...Array(7).fill(CLIENT));
  const { status, body } = await get(app, SESSIONS);
  expect(status).toBe(200);
  expect(body).not.toHaveProperty("cursor");
  expect(body.sessions[0]).toEqual({
    session_id: app.sessions[6]?.sessionId,
    client_app_id: CLIENT,
    basis: "enforcement_disabled",
    room_name: app.sessions[6]?.roomName,
    participant_identity: app.sessions[6]?.participantIdentity,
    started_at: "2026-11-24T09:00:07.000Z",
    expires_at: "2026-11-24T09:10:07.000Z",
    decision_id: app.sessions[6]?.decisionId,
    state: "issued",
    joined_at: null,
    agent_joined_at: null,
    agent_recalls: 0,
    ended_at: null,
    end_reason: null,
  });
  const seen: unknown[] = [];
  let cursor: string | undefined = "";
  for (let pages = 1; cursor !== undefined; pages++) {
    const { body: page }: { body: { sessions: []; cursor?: string } } = await get(
      app,
      `${SESSIONS}?limit=3&cursor=${cursor}`,
    );
    seen.push(...page.sessions);
    cursor = page.cursor;
    expect(pages).toBeLessThanOrEqual(3);
  }
  expect(seen).toEqual(body.sessions);
  expect(seen).toHaveLength(7);
  expect((await get(app, `${SESSIONS}?limit=7`)).body).not.toHaveProperty("cursor");
  expect((await get(app, SESSIONS, OTHER_CLIENT)).body).toEqual({ sessions: [] });
});

test("the list has 20 sessions if no limit is given", async () => {
  const app = await appWithSessions(...Array(21).fill(CLIENT));
  expect((await get(app, SESSIONS)).body).toMatchObject({
    sessions: { length: 20 },
    cursor: expect.any(String),
  });
  expect((await get(app, `${SESSIONS}?limit=100`)).body.sessions).toHaveLength(21);
});

test("one session is the same as in the list, by its id in any letter case", async () => {
  const app = await appWithSessions(CLIENT, CLIENT);
  const [, session] = (await get(app, SESSIONS)).body.sessions;
  for (const id of [session.session_id, session.session_id.toUpperCase()]) {
    const { status, body } = await get(app, `${SESSIONS}/${id}`);
    expect([status, body]).toEqual([200, session]);
  }
});

test("a session is not found for another agent, like one that never existed", async () => {
  const app = await appWithSessions(CLIENT);
  const other = await get(app, `${SESSIONS}/${app.sessions[0]?.sessionId}`, OTHER_CLIENT);
  const unknown = await get(app, `${SESSIONS}/nonsense`);
  expect([other.status, other.headers["content-type"]]).toEqual([404, "application/problem+json"]);
  expect(other.body).toEqual({
    type: "/api/docs/problems.html#session_not_found",
    title: "The session was not found",
    status: 404,
    detail: "The agent has no session with this id. Its list of sessions has the ids.",
    instance: "urn:lkps:invocation:the-invocation",
    code: "session_not_found",
  });
  expect(unknown).toEqual(other);
});

test("the dry run lists who would be denied first, and how busy each client was", async () => {
  const app = await appWithSessions(THIRD_CLIENT, CLIENT, CLIENT, OTHER_CLIENT, OTHER_CLIENT, CLIENT);
  const denied = { may_start_sessions: false, code: "client_not_pre_authorized" };
  const { status, body } = await get(app, `${REHEARSAL}?days=30`);
  expect([status, body]).toEqual([
    200,
    {
      days: 30,
      complete: true,
      clients: [
        { client_app_id: OTHER_CLIENT, sessions: 2, last_started_at: "2026-11-24T09:00:05.000Z", ...denied },
        { client_app_id: THIRD_CLIENT, sessions: 1, last_started_at: "2026-11-24T09:00:01.000Z", ...denied },
        {
          client_app_id: CLIENT,
          sessions: 3,
          last_started_at: "2026-11-24T09:00:06.000Z",
          may_start_sessions: true,
          code: "pre_authorized",
        },
      ],
    },
  ]);
  expect((await get(app, REHEARSAL, OTHER_CLIENT)).body).toEqual({ days: 7, complete: true, clients: [] });
});

test("the usage lists the busiest client first, with the sessions that it joined and for how long", async () => {
  const app = await appWithSessions(THIRD_CLIENT, CLIENT, CLIENT);
  const [first, ended, live] = app.sessions as { startedAt: Date; known: KnownSession }[];
  const joinedAtMs = app.time.now.getTime();
  const room = { sid: "RM_1", createdAtMs: joinedAtMs };
  if (ended) ended.known = { joinedAtMs, room: { ...room, finishedAtMs: joinedAtMs + 90_000 } };
  if (live) live.known = { joinedAtMs: joinedAtMs + 90_000, room };
  app.time.now = new Date(joinedAtMs + 210_000);
  const { status, body } = await get(app, `${USAGE}?days=1`);
  const times = [live, first].map((session) => session?.startedAt.toISOString());
  expect([status, body]).toEqual([
    200,
    {
      days: 1,
      clients: [
        { client_app_id: CLIENT, sessions: 2, joined: 2, minutes: 3.5, last_started_at: times[0] },
        { client_app_id: THIRD_CLIENT, sessions: 1, joined: 0, minutes: 0, last_started_at: times[1] },
      ],
      complete: true,
    },
  ]);
  expect((await get(app, USAGE, OTHER_CLIENT)).body).toEqual({ days: 7, clients: [], complete: true });
});

test("of seven dry runs and usages at once for an agent six take turns, and one is 429; another agent's is not kept waiting", async () => {
  const app = await appWithSessions(CLIENT);
  const at = (caller: string, days: number) =>
    get(app, `${days % 2 ? REHEARSAL : USAGE}?days=${days}`, caller);
  const answers = await Promise.all([
    ...[1, 2, 3, 4, 5, 6, 7].map((days) => at(AGENT, days)),
    at(OTHER_CLIENT, 1),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 429, 200]);
  expect(answers[6]?.body.code).toBe("too_many_reads");
  expect(answers[6]?.headers["retry-after"]).toMatch(/^\d+$/);
});

const wrong = ["x", "-1", "0", "1.5", "1e1", "", "1&NAME=1", "&NAME=1"];
test.each([
  ...[...wrong, "101"].map((value) => `${SESSIONS}?limit=${value.replace("NAME", "limit")}`),
  ...[REHEARSAL, USAGE].flatMap((path) =>
    [...wrong, "31", "7&NAME=7"].map((value) => `${path}?days=${value.replace("NAME", "days")}`),
  ),
  `${SESSIONS}?limit`,
  `${REHEARSAL}?days`,
  ...["x", "eA", "&cursor="].map((value) => `${SESSIONS}?cursor=${value}`),
])("%s is 400", async (path) => {
  const app = testApp();
  const { status, body } = await get(app, path);
  expect([status, body.code]).toEqual([400, "invalid_request"]);
  expect(app.calls.activity).toBe(0);
});

const down = new DependencyError("storage_unavailable", "inner detail");
const unread = new DependencyError("directory_unavailable", "inner detail", { retryAfterSeconds: 7 });
test.each<[string, "tables" | "graph", DependencyError, string]>([
  [VIEW, "tables", down, "1"],
  [VIEW, "graph", unread, "7"],
  [REHEARSAL, "tables", down, "1"],
  [REHEARSAL, "graph", unread, "7"],
  [USAGE, "tables", down, "1"],
  [SESSIONS, "tables", down, "1"],
  [`${SESSIONS}/x`, "tables", down, "1"],
])("%s is 503 while %s fails, and the log says why", async (path, adapter, error, retryAfter) => {
  const app = testApp();
  app.failures[adapter] = error;
  const { status, body, headers, text } = await get(app, path);
  expect([status, body.code, headers["retry-after"]]).toEqual([503, error.code, retryAfter]);
  expect(text).not.toContain("inner detail");
  expect(app.lines).toMatchObject([
    { event: "failure", code: error.code, causes: ["DependencyError: inner detail"] },
  ]);
});
