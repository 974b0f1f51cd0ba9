import { describe, expect, test } from "vitest";
import type { ClientId } from "../../../src/domain/client-id.ts";
import { DependencyError } from "../../../src/domain/dependency-error.ts";
import { RateLimitError } from "../../../src/domain/graph-reading.ts";
import type { VerifiedToken } from "../../../src/domain/verified-token.ts";
import { AGENT, CLIENT, OTHER_CLIENT } from "../../support/app-registration.ts";
import { application, testApp } from "../../support/test-app.ts";

const CONSOLE = "c0501e00-0000-4000-8000-000000000001";
const TENANT = "5E4F1CE0-0000-4000-8000-00000000000F";
const [OWNER, CO_OWNER, STRANGER] = [1, 2, 3].map((n) => `0b1ec700-0000-4000-8000-00000000000${n}`) as [
  string,
  string,
  string,
];
const OTHER_AGENT = "a9e17000-0000-4000-8000-0000000000bb";
const NO_AGENT = "a9e17000-0000-4000-8000-0000000000cc";
const SESSION = "01a20cc8-8e80-7e58-b1a4-90d8e7f6c523";

const token = (clientId: string, objectId: string | undefined, ...scopes: string[]): VerifiedToken => ({
  clientId: clientId as ClientId,
  isApplicationToken: false,
  scopes,
  objectId,
});
const ofApplication = (clientId: string, objectId?: string): VerifiedToken => ({
  ...token(clientId, objectId),
  isApplicationToken: true,
});
const accessTokens: Record<string, VerifiedToken> = {
  "the.owners.one": token(CONSOLE, OWNER, "openid", "access_as_user"),
  "the.coowners.one": token(CONSOLE, CO_OWNER, "access_as_user"),
  "a.strangers.one": token(CONSOLE, STRANGER, "access_as_user"),
  "another.clients.one": token(CLIENT, OWNER, "access_as_user"),
  "without.the.scope": token(CONSOLE, OWNER),
  "with.another.scope": token(CONSOLE, OWNER, "access_as_user_of_something", "Access_As_User"),
  "without.an.oid": token(CONSOLE, undefined, "access_as_user"),
  "the.consoles.own": ofApplication(CONSOLE, OWNER),
  "the.agents.own": ofApplication(AGENT),
  "an.agents.user": token(AGENT, OWNER, "access_as_user"),
  "another.agents.own": ofApplication(OTHER_AGENT),
};
const settings = {
  CALLER_IDENTITY: "access-token",
  ENTRA_TENANT_ID: TENANT,
  ENTRA_AUDIENCE: "api://lkps,api://other",
  CONSOLE_CLIENT_ID: CONSOLE.toUpperCase(),
};

type World = Parameters<typeof testApp>[0];
const appIn = (world: World = {}) =>
  testApp({
    accessTokens,
    owners: { [AGENT]: [OWNER, CO_OWNER], [OTHER_AGENT]: [STRANGER] },
    registered: { [AGENT]: { enforceClientAuthz: false }, [OTHER_AGENT]: {} },
    ...world,
    settings: { ...settings, ...world?.settings },
  });
const as = (name: string) => ({ headers: { authorization: `Bearer ${name}` } });

/** Every route, with the status that the agent itself gets below `/api/agent/`. */
const routes = [
  ["GET", "registration", 200],
  ["GET", "authorization", 200],
  ["GET", "authorization/rehearsal", 200],
  ["GET", "usage", 200],
  ["GET", "sessions", 200],
  ["GET", `sessions/${SESSION}`, 404],
  ["DELETE", `sessions/${SESSION}`, 404],
] as const;

test("people have exactly these routes", () => {
  const own = appIn().endpoints.filter(({ route }) => route.startsWith("api/agents"));
  expect(own.map(({ route, methods }) => `${methods[0]} ${route}`)).toEqual(
    routes.map(([method, path]) => `${method} api/agents/{agent}/${path.replace(SESSION, "{session_id}")}`),
  );
});

describe.each(routes)("%s /api/agents/{agent}/%s", (method, path, status) => {
  const call = (app: ReturnType<typeof appIn>, who: string, agent = AGENT) =>
    app.request(method, `/api/agents/${agent}/${path}`, as(who));
  const nothingRead = ({ calls }: ReturnType<typeof appIn>) => ({ ...calls, owners: 0 });

  test.each<[string, string]>([
    ["the.owners.one", AGENT],
    ["the.coowners.one", AGENT],
    ["the.owners.one", AGENT.toUpperCase()],
    ["the.agents.own", AGENT],
  ])("%s about %s gets what the agent gets", async (who, agent) => {
    const answer = await call(appIn(), who, agent);
    const own = await appIn().request(method, `/api/agent/${path}`, as("the.agents.own"));
    expect([answer.status, answer.text]).toEqual([status, own.text]);
    expect(own.status).toBe(status);
  });

  test.each<[string, string]>([
    ["a.strangers.one", AGENT],
    ["the.owners.one", OTHER_AGENT],
    ["the.owners.one", NO_AGENT],
    ["the.owners.one", "nonsense"],
    ["the.owners.one", `${AGENT}0`],
    ["the.owners.one", `{${AGENT}}`],
    ["the.owners.one", `${AGENT},${AGENT}`],
    ["the.owners.one", "a".repeat(8_000)],
    ["the.owners.one", "__proto__"],
    ["another.clients.one", AGENT],
    ["without.the.scope", AGENT],
    ["with.another.scope", AGENT],
    ["without.an.oid", AGENT],
    ["the.consoles.own", AGENT],
    ["an.agents.user", AGENT],
    ["another.agents.own", AGENT],
    ["the.agents.own", OTHER_AGENT],
    ["the.agents.own", NO_AGENT],
  ])("%s about %s is refused like everybody else, before anything is read", async (who, agent) => {
    const app = appIn();
    const answer = await call(app, who, agent);
    expect([answer.status, answer.body.code]).toEqual([403, "not_an_owner"]);
    const { text, headers } = await call(appIn(), "a.strangers.one");
    expect([answer.text, answer.headers]).toEqual([text, headers]);
    expect(nothingRead(app)).toEqual(nothingRead(appIn()));
    expect(app.lines).toEqual([]);
  });

  test.each([
    ["not.a.good", "invalid_token"],
    ["not a token at all", "invalid_token"],
  ])("%s is 401", async (who, code) => {
    const answer = await call(appIn(), who);
    expect([answer.status, answer.body.code]).toEqual([401, code]);
  });

  test("a header client-id counts for nothing", async () => {
    const headers = { ...as("a.strangers.one").headers, "client-id": AGENT };
    const answer = await appIn().request(method, `/api/agents/${AGENT}/${path}`, { headers });
    expect(answer.body.code).toBe("not_an_owner");
  });

  test.each([
    [new DependencyError("directory_unavailable", "Graph is down"), 503, "directory_unavailable"],
    [new DependencyError("directory_access_denied", "Graph returned 403"), 503, "directory_access_denied"],
    [new RateLimitError(2_000), 429, "too_many_reads"],
    [new TypeError("a defect"), 500, "internal_error"],
  ])("is %s while the owners can't be read: nobody is let in", async (error, expected, code) => {
    const app = appIn({ owners: { [AGENT]: error } });
    const answer = await call(app, "the.owners.one");
    expect([answer.status, answer.body.code]).toEqual([expected, code]);
    expect(nothingRead(app)).toEqual(nothingRead(appIn()));
    expect((await call(app, "the.agents.own")).status).toBe(status);
    expect((await call(app, "another.clients.one")).status).toBe(403);
  });

  test("has to name the application in the gateway's header too, where there is one", async () => {
    const app = appIn({ settings: { CALLER_IDENTITY: "gateway-header-and-access-token" } });
    const send = (caller: string) =>
      app.request(method, `/api/agents/${AGENT}/${path}`, { caller, ...as("the.owners.one") });
    expect((await send(CONSOLE)).status).toBe(status);
    expect((await send(AGENT)).body.code).toBe("caller_unidentified");
  });
});

test("an owner ends a session of the agent, and of no other", async () => {
  const app = appIn();
  const body = { agent_entra_app_id: AGENT };
  const { session_id } = (
    await app.request("POST", "/api/session/start", { ...as("another.clients.one"), body })
  ).body;
  const end = (who: string, agent: string) =>
    app.request("DELETE", `/api/agents/${agent}/sessions/${session_id}`, as(who));
  expect((await end("a.strangers.one", OTHER_AGENT)).body.code).toBe("session_not_found");
  expect((await end("a.strangers.one", AGENT)).body.code).toBe("not_an_owner");
  expect(app.closedRooms).toEqual([]);
  expect((await end("the.owners.one", AGENT)).status).toBe(204);
  expect(app.closedRooms).toEqual([`lkps-${AGENT}-${session_id}`]);
});

test("HEAD is answered like GET", async () => {
  const send = (method: string, who: string) =>
    appIn().request(method, `/api/agents/${AGENT}/authorization`, as(who));
  expect((await send("HEAD", "the.owners.one")).status).toBe(200);
  expect((await send("HEAD", "a.strangers.one")).status).toBe(403);
});

test("a person's reads count against the person, not against the console", async () => {
  const app = appIn({
    settings: { GRAPH_READS_PER_CALLER: "10" },
    identities: { [AGENT]: application(null) },
  });
  const read = async (who: string) =>
    (await app.request("GET", `/api/agents/${AGENT}/authorization`, as(who))).status;
  for (let n = 0; n < 5; n++) expect(await read("the.owners.one")).toBe(200);
  expect(await read("the.owners.one")).toBe(429);
  expect(await read("the.coowners.one")).toBe(200);
  expect(await read("the.agents.own")).toBe(200);
});

test("a person's token is of no use where an agent acts, and elsewhere it is the console's", async () => {
  const app = appIn();
  for (const [method, path] of [
    ["GET", "/api/agent/authorization"],
    ["DELETE", "/api/agent/registration"],
    ["POST", "/api/agent/register"],
  ] as const)
    expect((await app.request(method, path, as("the.owners.one"))).body.code).toBe(
      "application_token_required",
    );
  const body = { agent_entra_app_id: OTHER_AGENT };
  const start = await app.request("POST", "/api/session/start", { ...as("the.owners.one"), body });
  expect(start.status).toBe(403);
  expect(app.lines.at(-1)).toMatchObject({ client_app_id: CONSOLE });
});

describe("the console's configuration", () => {
  const configuration = async (changes: Record<string, string> = {}) =>
    (await appIn({ settings: changes }).request("GET", "/api/console/configuration")).body;

  test("says where to sign in, and for what", async () => {
    expect(await configuration()).toEqual({
      authority: `https://login.microsoftonline.com/${TENANT.toLowerCase()}`,
      client_id: CONSOLE,
      scope: "api://lkps/access_as_user",
      graph_base_url: "https://graph.microsoft.com",
    });
  });

  test("has another cloud's addresses, and an audience that is a client id as its URI", async () => {
    const changes = {
      ENTRA_AUTHORITY_HOST: "https://login.microsoftonline.us/",
      GRAPH_BASE_URL: "https://graph.microsoft.us",
      ENTRA_AUDIENCE: `${OTHER_CLIENT.toUpperCase()}, api://lkps`,
    };
    expect(await configuration(changes)).toMatchObject({
      authority: `https://login.microsoftonline.us/${TENANT.toLowerCase()}`,
      scope: `api://${OTHER_CLIENT}/access_as_user`,
      graph_base_url: "https://graph.microsoft.us",
    });
  });
});

describe("the console's files", () => {
  const get = (path: string, headers = {}, changes: Record<string, string> = {}) =>
    appIn({ settings: changes }).request("GET", path, { headers });

  test.each([
    ["/console", "index.html", "text/html; charset=utf-8"],
    ["/console/console.js", "console.js", "text/javascript; charset=utf-8"],
    ["/console/console.css", "console.css", "text/css; charset=utf-8"],
  ])("%s is %s, revalidated each time", async (path, name, contentType) => {
    const { status, text, headers } = await get(path);
    expect([status, text, headers["content-type"]]).toEqual([200, `the console's file ${name}`, contentType]);
    expect([headers["cache-control"], headers["etag"]]).toEqual(["no-cache", `"digest-of-${name}"`]);
    const zipped = await get(path, { "accept-encoding": "gzip, br" });
    expect([zipped.text, zipped.headers["content-encoding"]]).toEqual([`gzipped ${name}`, "gzip"]);
    expect((await get(path, { "if-none-match": `"digest-of-${name}"` })).status).toBe(304);
  });

  test.each(["/console", "/console/console.js"])(
    "%s runs and calls nothing but what it needs",
    async (path) => {
      const { headers } = await get(path, {}, { ENTRA_AUTHORITY_HOST: "https://login.microsoftonline.us" });
      const policy = Object.fromEntries(
        (headers["content-security-policy"] ?? "").split("; ").map((directive) => {
          const [name, ...sources] = directive.split(" ");
          return [name, sources.join(" ")];
        }),
      );
      expect(policy).toEqual({
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "data:",
        "connect-src": "'self' https://login.microsoftonline.us https://graph.microsoft.com",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
      });
      expect([headers["x-content-type-options"], headers["referrer-policy"]]).toEqual([
        "nosniff",
        "no-referrer",
      ]);
    },
  );

  test.each(["index.html", "other.js", "..%2fmain.mjs", "__proto__", "console.js.gz", "openapi.json"])(
    "there is no /console/%s",
    async (name) => {
      const { status, body } = await get(`/console/${name}`);
      expect([status, body.code]).toEqual([404, "not_found"]);
    },
  );

  test("a slash at the end leads to the page, whose own addresses are relative", async () => {
    const { status, headers } = await get("/console/");
    expect([status, headers["location"]]).toEqual([308, "../console"]);
  });

  test("the API reference still calls nobody else", async () => {
    expect((await get("/api/docs")).headers["content-security-policy"]).toContain("connect-src 'self';");
  });
});

test("without CONSOLE_CLIENT_ID there is none of it", () => {
  const { endpoints } = appIn({ settings: { CONSOLE_CLIENT_ID: "" } });
  expect(endpoints.filter(({ route }) => /^(api\/)?console|^api\/agents/.test(route))).toEqual([]);
});
