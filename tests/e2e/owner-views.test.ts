import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  AGENT,
  api,
  CLIENT,
  OTHER_CLIENT,
  OTHER_SCOPE_ID,
  SCOPE_ID,
  scope,
} from "../support/app-registration.ts";
import { type Service, startService } from "../support/service.ts";

const VIEW = "/api/agent/authorization";
const SESSIONS = "/api/agent/sessions";
const REHEARSAL = "/api/agent/authorization/rehearsal";
const THIRD_CLIENT = "c11e0000-0000-4000-8000-0000000000cc";

let service: Service;

beforeAll(async () => {
  service = await startService({ applications: [] });
});
afterAll(() => service?.close());

/** Changes the agent's app registration, and waits until the view, which reads it at most once a second, reads it again. */
async function directory(api: unknown, more: object = {}) {
  await service.setDirectory([{ id: AGENT, appId: AGENT, displayName: "Agent", api, ...more }]);
  await sleep(1_050);
}
const get = (path: string, caller = AGENT) => service.call("GET", path, { caller });
const start = (caller: string) =>
  service.call("POST", "/api/session/start", { caller, body: { agent_entra_app_id: AGENT } });
const register = (enforce: boolean) =>
  service.call("POST", "/api/agent/register", {
    caller: AGENT,
    body: { service_config: { enforce_client_authz: enforce } },
  });

describe("the view of an agent's authorization", () => {
  test("works before the agent registers, and says so", async () => {
    await directory(api());
    const answer = await get(VIEW);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      agent_entra_app_id: AGENT,
      registered: false,
      enforce_client_authz: null,
      application_found: true,
      application_read_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      identity: { kind: "application", blueprint_app_id: null },
      scope: { state: "enabled", delegated_permission_id: SCOPE_ID, near_misses: [] },
      clients: [{ client_app_id: CLIENT, may_start_sessions: true, code: "pre_authorized", repair: null }],
      complete: true,
      repairs: [expect.stringContaining("POST /api/agent/register")],
    });
  });

  test("says whether enforcement is on", async () => {
    await register(false);
    const { body } = await get(VIEW);
    expect(body).toMatchObject({ registered: true, enforce_client_authz: false });
    expect(body.repairs[0]).toMatch(/^Enforcement is off/);
    await register(true);
    expect((await get(VIEW)).body).toMatchObject({
      registered: true,
      enforce_client_authz: true,
      repairs: [],
    });
  });

  test("an app role with that name is a near miss, another scope is not", async () => {
    const role = {
      id: OTHER_SCOPE_ID,
      value: "access_as_client",
      isEnabled: true,
      allowedMemberTypes: ["Application"],
    };
    await directory(api({ oauth2PermissionScopes: [scope({ value: "user_impersonation" })] }), {
      appRoles: [role],
    });
    expect((await get(VIEW)).body.scope.near_misses).toEqual([
      { value: "access_as_client", reason: "app_role" },
    ]);
  });

  test("an agent without an app registration sees that it has none", async () => {
    await service.setDirectory([]);
    await sleep(1_050);
    const { body } = await get(VIEW);
    expect(body).toMatchObject({ application_found: false, scope: { state: "missing" }, clients: [] });
    expect(body.repairs).toHaveLength(1);
  });
});

describe("the list of an agent's sessions", () => {
  const started: string[] = [];

  beforeAll(async () => {
    await directory(api());
    await register(true);
    for (let n = 0; n < 7; n++) started.unshift((await start(CLIENT)).body.session_id);
  });

  test("has the newest first, with what is stored about each", async () => {
    const { status, body } = await get(SESSIONS);
    expect(status).toBe(200);
    expect(body.sessions.map(({ session_id }: { session_id: string }) => session_id)).toEqual(started);
    expect(body).not.toHaveProperty("cursor");
    expect(Object.keys(body.sessions[0])).toEqual([
      "session_id",
      "client_app_id",
      "basis",
      "room_name",
      "participant_identity",
      "started_at",
      "expires_at",
      "decision_id",
      "state",
      "joined_at",
      "agent_joined_at",
      "agent_recalls",
      "ended_at",
      "end_reason",
    ]);
    expect(body.sessions[0]).toMatchObject({ state: "issued", joined_at: null, agent_recalls: 0 });
  });

  test("returns one page at a time by cursor", async () => {
    const seen: string[] = [];
    let cursor: string | undefined = "";
    let pages = 0;
    while (cursor !== undefined && pages++ < 9) {
      const { body } = await get(`${SESSIONS}?limit=3&cursor=${cursor}`);
      seen.push(...body.sessions.map(({ session_id }: { session_id: string }) => session_id));
      cursor = body.cursor;
    }
    expect([seen, pages]).toEqual([started, 3]);
  });

  test("a last page that is full has no cursor", async () => {
    expect((await get(`${SESSIONS}?limit=7`)).body).not.toHaveProperty("cursor");
  });

  test("has only the caller's sessions", async () => {
    expect((await get(SESSIONS, OTHER_CLIENT)).body).toEqual({ sessions: [] });
  });

  test.each([
    "limit=-1",
    "limit=1.5",
    "limit=x",
    "limit=1e1",
    "cursor=x",
    "cursor=eA",
    "limit=",
    "limit",
    "limit=1&limit=2",
    "limit=1&limit=1",
    "limit=&limit=1",
    "cursor=&cursor=",
  ])("%s is 400", async (query) =>
    expect((await get(`${SESSIONS}?${query}`)).body.code).toBe("invalid_request"),
  );
});

describe("one of an agent's sessions", () => {
  const read = async (id: string, caller = AGENT) => await get(`${SESSIONS}/${id}`, caller);

  test("is the same as in the list, by its id in any letter case", async () => {
    const { sessions } = (await get(SESSIONS)).body;
    for (const session of sessions.slice(0, 2)) {
      for (const id of [session.session_id, session.session_id.toUpperCase()]) {
        const { status, body } = await read(id);
        expect([status, body]).toEqual([200, session]);
        expect(Object.keys(body)).toEqual(Object.keys(session));
      }
    }
  });

  test("has an id with the millisecond of its start, and a room that names its agent", async () => {
    const [session] = (await get(SESSIONS)).body.sessions;
    const [time = "", more = ""] = session.session_id.split("-");
    expect(new Date(Number.parseInt(time + more, 16)).toISOString()).toBe(session.started_at);
    expect(session.room_name).toBe(`lkps-${AGENT}-${session.session_id}`);
  });

  test("is not found for another agent, like one that never existed", async () => {
    const [{ session_id: id }] = (await get(SESSIONS)).body.sessions;
    const others = [
      await read(id, OTHER_CLIENT),
      await read(id.replace(/.$/, id.endsWith("0") ? "1" : "0")),
      await read(id.replace("-7", "-4")),
      await read("3f6b0a91-c2d7-4e58-b1a4-90d8e7f6c523"),
      await read("nonsense"),
      await read(encodeURIComponent("' or '1' eq '1")),
      await read("%00"),
      await read(`%7B${id}%7D`),
    ];
    const { instance: _, ...problem } = others[0]?.body ?? {};
    expect(problem).toEqual({
      type: "/api/docs/problems.html#session_not_found",
      title: "The session was not found",
      status: 404,
      detail: "You have no session with this id. GET /api/agent/sessions lists your sessions.",
      code: "session_not_found",
    });
    for (const { status, headers, body } of others) {
      expect(status).toBe(404);
      expect(headers.get("content-type")).toBe("application/problem+json");
      expect(body).toEqual({ ...problem, instance: body.instance });
    }
  });
});

describe("the rehearsal of enforcement", () => {
  test("lists who would be denied first, and how busy each client was", async () => {
    await register(false);
    await directory(api());
    for (const caller of [OTHER_CLIENT, OTHER_CLIENT, THIRD_CLIENT])
      expect((await start(caller)).status).toBe(200);
    const { status, body } = await get(REHEARSAL);
    expect(status).toBe(200);
    expect(body).toEqual({
      days: 7,
      complete: true,
      clients: [
        {
          client_app_id: OTHER_CLIENT,
          sessions: 2,
          last_started_at: expect.any(String),
          may_start_sessions: false,
          code: "client_not_pre_authorized",
        },
        {
          client_app_id: THIRD_CLIENT,
          sessions: 1,
          last_started_at: expect.any(String),
          may_start_sessions: false,
          code: "client_not_pre_authorized",
        },
        {
          client_app_id: CLIENT,
          sessions: 7,
          last_started_at: expect.any(String),
          may_start_sessions: true,
          code: "pre_authorized",
        },
      ],
    });
    const { sessions } = (await get(`${SESSIONS}?limit=100`)).body;
    for (const { client_app_id, last_started_at } of body.clients) {
      const newest = sessions.find(
        (session: { client_app_id: string }) => session.client_app_id === client_app_id,
      );
      expect(last_started_at).toBe(newest.started_at);
    }
  });

  test.each(["days=x", "days=-7", "days=", "days", "days=1&days=2", "days=7&days=7", "days=&days=7"])(
    "%s is 400",
    async (query) => {
      expect((await get(`${REHEARSAL}?${query}`)).body.code).toBe("invalid_request");
    },
  );

  test("is empty for an agent that nobody uses", async () => {
    expect((await get(REHEARSAL, OTHER_CLIENT)).body).toEqual({ days: 7, complete: true, clients: [] });
  });
});

test.each([VIEW, SESSIONS, `${SESSIONS}/01a20cc8-8e80-7e58-b1a4-90d8e7f6c523`, REHEARSAL])(
  "%s is for callers only",
  async (path) => {
    const answer = await service.call("GET", path);
    expect([answer.status, answer.body.code]).toEqual([401, "caller_unidentified"]);
  },
);
