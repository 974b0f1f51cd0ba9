import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ACCOUNT_KEY, connectionStringOf } from "../../dev/azurite.ts";
import { audiences, tenantId } from "../../dev/local-defaults.ts";
import { api, CLIENT, entry, OTHER_CLIENT, scope } from "../support/app-registration.ts";
import { answer, changed, type Fault, halfAnAnswer, reset } from "../support/fault-proxy.ts";
import { type FaultyService, startFaultyService } from "../support/faulty-service.ts";
import { type Answer, send } from "../support/service.ts";

// Marks every secret and puts it into everything that goes into the app: from its callers, its settings, and
// its dependencies. Then searches all output of the app.

const MODES = ["gateway-header", "access-token", "gateway-header-and-access-token"] as const;
const KINDS = [
  "function key",
  "master key",
  "identity endpoint's secret",
  "managed identity's token",
  "LiveKit key",
  "LiveKit secret",
  "storage key",
  "bad setting",
  "access token",
  "claim of an access token",
  "bad access token",
  "participant",
  "agent metadata",
  "request id",
  "query",
  "header",
  "bad body",
  "owner's configuration",
  "identity endpoint's answer",
  "Graph's answer",
  "Table Storage's answer",
  "tenant's answer",
  "participant token",
] as const;
type Kind = (typeof KINDS)[number];

const secrets = new Map(KINDS.map((kind) => [kind, new Set<string>()]));
const note = (kind: Kind, secret: string) => {
  secrets.get(kind)?.add(secret);
  return secret;
};
/** A unique word. */
const mark = (kind: Kind) => note(kind, `m${randomBytes(12).toString("hex")}`);
/** A token is a secret as a whole, and so is its signature. */
const noteToken = (kind: Kind, token: string) => {
  note(kind, token.split(".").at(-1) ?? token);
  return note(kind, token);
};
/** The length from which a part of a secret must not be found: a message may quote up to ten letters of a word. */
const MARK_PART = 9;
const OTHER_PART = 12;
const partsOf = (secret: string) => {
  const length = /^m[0-9a-f]{24}$/.test(secret) ? MARK_PART : OTHER_PART;
  // All JWTs begin with the same letters.
  return [secret.slice(-length), ...(secret.startsWith("ey") ? [] : [secret.slice(0, length)])];
};
/** The kinds of secrets that a text contains at least in part. */
function finder(): (text: string) => Kind[] {
  const kindOf = new Map<string, Kind>();
  for (const [kind, marked] of secrets) {
    for (const secret of marked) for (const part of partsOf(secret)) kindOf.set(part, kind);
  }
  return (text) => {
    const found = new Set<Kind>();
    for (let at = 0; at < text.length; at++) {
      for (const length of [MARK_PART, OTHER_PART]) {
        const kind = kindOf.get(text.slice(at, at + length));
        if (kind !== undefined) found.add(kind);
      }
    }
    return [...found];
  };
}
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const markedToken = (kind: Kind) =>
  noteToken(kind, `${base64({ alg: "RS256", kid: "k" })}.${base64({ sub: mark(kind) })}.${mark(kind)}`);

const settings = {
  GRAPH_TIMEOUT_MS: "1000",
  TABLES_TIMEOUT_MS: "1500",
  LIVEKIT_API_KEY: mark("LiveKit key"),
  LIVEKIT_API_SECRET: mark("LiveKit secret"),
};
/** Longer than a managed identity's token is valid here, so that each failure of the endpoint has an effect. */
const TOKEN_MS = 150;

let faulty: FaultyService;
let output: string;
const answers: Answer[] = [];

const agentOf = (n: number) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const application = (agent: string) => ({
  id: agent,
  appId: agent,
  displayName: mark("owner's configuration"),
  api: api({
    oauth2PermissionScopes: [
      scope({ adminConsentDescription: mark("owner's configuration") }),
      scope({ id: note("owner's configuration", randomUUID()), value: mark("owner's configuration") }),
    ],
    preAuthorizedApplications: [entry(), entry({ appId: note("owner's configuration", randomUUID()) })],
  }),
});

const accessToken = async (caller: string, claims: object = {}) => {
  const { entra } = faulty.service.stack;
  const now = Math.floor(Date.now() / 1_000);
  const signed = await entra.sign({
    aud: audiences[0] ?? "",
    iss: entra.issuers.v2,
    azp: caller,
    ver: "2.0",
    tid: tenantId,
    iat: now,
    nbf: now,
    exp: now + 600,
    sub: mark("claim of an access token"),
    name: mark("claim of an access token"),
    ...claims,
  });
  return noteToken("access token", signed);
};

/** A request with everything that a caller can send, valid in every mode unless `headers` make it invalid. */
async function ask(
  caller: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const { appUrl, functionKey } = faulty.service.stack;
  const url = `${appUrl}${path}?code=${functionKey}&${mark("query")}=${mark("query")}`;
  const given = await send(url, method, body, {
    "x-functions-key": functionKey,
    "client-id": caller,
    authorization: `Bearer ${await accessToken(caller)}`,
    "x-request-id": mark("request id"),
    "user-agent": mark("header"),
    cookie: `${mark("header")}=${mark("header")}`,
    [mark("header")]: mark("header"),
    ...headers,
  });
  answers.push(given);
  if (given.body?.participant_token) noteToken("participant token", given.body.participant_token);
  return given;
}

const startBody = (agent: string) => ({
  agent_entra_app_id: agent,
  participant_name: mark("participant"),
  participant_metadata: mark("participant"),
  participant_attributes: { [mark("participant")]: mark("participant") },
  agent_metadata: mark("agent metadata"),
});
const start = (agent: string, caller = CLIENT) => ask(caller, "POST", "/api/session/start", startBody(agent));
const register = (agent: string, body?: unknown) => ask(agent, "POST", "/api/agent/register", body);

const json = { "content-type": "application/json" };
const evaluation = (client: string, agent: string) => ({
  subject: { type: "client_application", id: client, properties: { [mark("bad body")]: mark("bad body") } },
  action: { name: "access_as_client", properties: { [mark("bad body")]: mark("bad body") } },
  resource: { type: "agent", id: agent, properties: { [mark("bad body")]: mark("bad body") } },
  context: { [mark("bad body")]: mark("bad body") },
});
const graphAnswer = () => mark("Graph's answer");
const graphFaults: (() => Fault)[] = [
  () => answer(400, { error: { code: graphAnswer(), message: graphAnswer() } }),
  () => answer(401, graphAnswer(), { "www-authenticate": graphAnswer(), [graphAnswer()]: graphAnswer() }),
  () =>
    answer(403, { error: { code: "Denied", message: graphAnswer(), innerError: { [graphAnswer()]: 1 } } }),
  () => answer(404, { error: { code: graphAnswer() } }),
  () => answer(429, graphAnswer(), { "retry-after": graphAnswer() }),
  () => answer(500, graphAnswer()),
  () => answer(503, { error: { code: graphAnswer() } }),
  () => answer(302, "", { location: `https://${graphAnswer()}.example/${graphAnswer()}` }),
  () => answer(200, graphAnswer(), json),
  () => answer(200, `{"api":{"${graphAnswer()}":"${graphAnswer()}"`, json),
  () => answer(200, { api: graphAnswer() }),
  () => answer(200, { api: { oauth2PermissionScopes: graphAnswer() } }),
  () => answer(200, [graphAnswer()]),
  () => halfAnAnswer,
  () => reset,
];
/** One for each mode: a batch fails as a whole, or its parts do. */
const batchFaults: (() => Fault)[] = [
  () => answer(500, graphAnswer()),
  () => answer(200, { responses: [{ id: "0", status: 403, body: { error: { code: graphAnswer() } } }] }),
  () => answer(200, { responses: [{ id: graphAnswer(), status: 200, body: { api: graphAnswer() } }] }),
];
const tableAnswer = () => mark("Table Storage's answer");
const tableError = (code: string) => ({
  "odata.error": { code, message: { lang: "", value: tableAnswer() } },
});
const tableFaults: (() => Fault)[] = [
  () => answer(400, tableError(tableAnswer())),
  () => answer(403, tableError("AuthenticationFailed")),
  () => answer(403, tableAnswer()),
  () => answer(404, `<error>${tableAnswer()}</error>`),
  () => answer(409, tableError("Conflict"), { [tableAnswer()]: tableAnswer() }),
  () => answer(500, tableAnswer()),
  () => answer(200, `{"${tableAnswer()}":"${tableAnswer()}`, json),
  () => answer(200, tableAnswer(), json),
  () => answer(200, { PartitionKey: tableAnswer() }),
  () => answer(302, "", { location: `https://${tableAnswer()}.example/${tableAnswer()}` }),
  () => halfAnAnswer,
  () => reset,
];
// The platform's error `message` is meant for operators and is logged, unless it is as long as a token.
const identityAnswer = () => mark("identity endpoint's answer");
const identityToken = () => markedToken("identity endpoint's answer");
const identityFaults: (() => Fault)[] = [
  () => answer(400, { statusCode: 400, message: `No identity for ${identityToken()}.` }),
  () => answer(400, { message: `Wrong header ${faulty.service.stack.entra.identityHeader}` }),
  () => answer(400, { [identityAnswer()]: identityAnswer(), error: { code: identityAnswer() } }),
  () => answer(403, identityAnswer(), { [identityAnswer()]: identityAnswer() }),
  () => answer(404, { access_token: identityToken() }),
  () => answer(500, identityToken()),
  () => answer(500, { error: "server_error", error_description: identityToken() }),
  () => answer(503, `<html>${identityAnswer()}</html>`),
  () => answer(302, "", { location: `https://${identityAnswer()}.example/${identityAnswer()}` }),
  () => answer(200, identityToken()),
  () => answer(200, `{"access_token":"${identityToken()}`, json),
  () => answer(200, { access_token: identityToken(), expires_on: "1" }),
  () => answer(200, { access_token: `${identityToken()}\n`, expires_on: "9999999999" }),
  () => halfAnAnswer,
];
const tenantAnswer = () => mark("tenant's answer");
const keysUrl = () => `http://127.0.0.1:1/${tenantAnswer()}`;
const tenantFaults: (() => Fault)[] = [
  () => answer(500, tenantAnswer()),
  () => answer(200, tenantAnswer()),
  () => answer(200, `{"${tenantAnswer()}":`, json),
  () => answer(200, [tenantAnswer()]),
  () => answer(200, { issuer: tenantAnswer() }),
  () => answer(200, { issuer: tenantAnswer(), jwks_uri: tenantAnswer() }),
  () => answer(200, { issuer: tenantAnswer(), jwks_uri: keysUrl() }),
  () => answer(302, "", { location: keysUrl() }),
  () => halfAnAnswer,
];
const badTokens: (() => string | Promise<string>)[] = [
  () => mark("bad access token"),
  () => markedToken("bad access token"),
  () => `${base64({ alg: "none" })}.${base64({ ver: "2.0", azp: CLIENT, sub: mark("bad access token") })}.`,
  () => `${base64({ alg: "RS256", kid: mark("bad access token") })}.${base64({ ver: "2.0" })}.AAAA`,
  () => accessToken(mark("bad access token")),
  () => accessToken(CLIENT, { aud: mark("bad access token") }),
  () => accessToken(CLIENT, { iss: `https://${mark("bad access token")}.example` }),
  () => accessToken(CLIENT, { ver: mark("bad access token") }),
  () => accessToken(CLIENT, { exp: 1 }),
];
const badBody = () => mark("bad body");
const badBodies: (() => unknown)[] = [
  badBody,
  () => `{"agent_entra_app_id":"${badBody()}`,
  () => `${JSON.stringify({ [badBody()]: badBody() })}${badBody()}`,
  () => [badBody()],
  () => ({ agent_entra_app_id: badBody(), service_config: badBody() }),
  () => ({ participant_name: { [badBody()]: badBody() }, service_config: { [badBody()]: badBody() } }),
  () => ({ agent_entra_app_id: agentOf(1), participant_attributes: { [badBody()]: 7 } }),
  () => ({ agent_entra_app_id: agentOf(1), participant_metadata: badBody().repeat(200), service_config: 7 }),
  () => ({ agent_entra_app_id: agentOf(1), room_name: badBody(), service_config: null }),
  () => ({ room_config: { [badBody()]: badBody() }, service_config: { enforce_client_authz: badBody() } }),
  () => ({
    room_config: { agents: [{ agent_name: badBody(), [badBody()]: badBody() }] },
    service_config: [],
  }),
  () => badBody().repeat(3_000),
];

/** Everything that may happen to a request, in one mode. Agents are told apart by `first`. */
async function happenings(first: number, batchFault: () => Fault): Promise<void> {
  const { stack } = faulty.service;
  const agents = Array.from({ length: 60 }, (_, n) => agentOf(first + n));
  const [agent = "", optedOut = "", ...others] = agents;

  await Promise.all(agents.map((one) => register(one)));
  await register(optedOut, { service_config: { enforce_client_authz: false }, [badBody()]: badBody() });
  await Promise.all([
    start(agent),
    start(optedOut, OTHER_CLIENT),
    start(agent, OTHER_CLIENT),
    start(agentOf(0)),
  ]);
  for (const { route, methods } of stack.functions) {
    for (const method of route === null ? [] : methods) {
      const caller = others.at(-1) ?? "";
      const bodies =
        method === "POST" ? [{ [badBody()]: badBody() }, evaluation(caller, caller)] : [undefined];
      for (const body of bodies) await ask(caller, method, `/${route}`, body);
    }
  }

  for (const bad of badTokens) {
    const authorization = `Bearer ${note("bad access token", await bad())}`;
    await ask(CLIENT, "POST", "/api/session/start", startBody(agent), { authorization });
  }
  for (const caller of [mark("header"), `${CLIENT}, ${mark("header")}`, ""]) {
    await ask(CLIENT, "POST", "/api/session/start", startBody(agent), { "client-id": caller });
  }
  await ask(CLIENT, "POST", "/api/session/start", startBody(agent), { "x-functions-key": mark("header") });
  for (const bad of badBodies) {
    await ask(CLIENT, "POST", "/api/session/start", bad());
    await register(agent, bad());
  }
  const type = { "content-type": `text/${mark("header")}` };
  await ask(CLIENT, "POST", "/api/session/start", badBody(), type);

  const victims = others[Symbol.iterator]();
  const nextVictim = () => victims.next().value ?? "";
  await Promise.all(
    graphFaults.map(async (fault) => {
      const victim = nextVictim();
      const failing = faulty.graph.fail(({ path }) => path.includes(victim), fault());
      await Promise.all([
        start(victim),
        ask(CLIENT, "POST", "/api/access/v1/evaluation", evaluation(CLIENT, victim)),
        ask(victim, "GET", "/api/agent/authorization"),
      ]);
      failing.end();
    }),
  );
  const batchFailing = faulty.graph.fail(({ path }) => path.includes("$batch"), batchFault());
  await ask(CLIENT, "POST", "/api/access/v1/search/resource", evaluation(CLIENT, agent));
  batchFailing.end();
  for (const operation of ["/agents", "/sessions"]) {
    const failed = tableFaults.map(async (fault) => {
      const victim = nextVictim();
      const failing = faulty.tables.fail(
        ({ path, body }) => path.includes(operation) && `${path} ${body}`.includes(victim),
        fault(),
      );
      await Promise.all([start(victim), operation === "/agents" && register(victim)]);
      failing.end();
    });
    await Promise.all(failed);
  }
  for (const { name } of stack.functions.filter(({ trigger }) => /timer/i.test(trigger))) {
    const failing = faulty.tables.fail(({ path }) => path.includes("/sessions"), answer(403, tableAnswer()));
    const run = { input: mark("bad body") };
    await send(`${stack.appUrl}/admin/functions/${name}`, "POST", run, {
      "x-functions-key": stack.masterKey,
    });
    await sleep(100);
    failing.end();
  }
  for (const [n, fault] of identityFaults.entries()) {
    await sleep(TOKEN_MS);
    const failing = faulty.identity.fail(() => true, fault());
    await start(agentOf(first + 60 + n));
    await ask(CLIENT, "GET", "/api/health/ready");
    failing.end();
  }
  await Promise.all([
    faulty.graph.whileRefusing(() => start(agentOf(first + 98))),
    faulty.tables.whileRefusing(() => start(agentOf(first + 99))),
  ]);
}

beforeAll(async () => {
  const agents = Array.from({ length: 100 * MODES.length }, (_, n) => agentOf(n + 100));
  faulty = await startFaultyService(settings, agents.map(application));
  const { stack, lines } = faulty.service;
  note("function key", stack.functionKey);
  note("master key", stack.masterKey);
  note("identity endpoint's secret", stack.entra.identityHeader);
  note("storage key", ACCOUNT_KEY);
  const issuing = changed((body) => {
    const token = noteToken("managed identity's token", (body as { access_token: string }).access_token);
    return { ...(body as object), access_token: token, expires_on: String((Date.now() + TOKEN_MS) / 1_000) };
  });
  faulty.identity.fail(() => true, issuing);

  for (const [n, mode] of MODES.entries()) {
    await stack.restartApp({ CALLER_IDENTITY: mode, ENTRA_AUTHORITY_HOST: faulty.graph.url });
    // Before the tenant's keys are known.
    for (const fault of mode === "gateway-header" ? [] : tenantFaults) {
      const failing = faulty.graph.fail(({ path }) => path.includes("openid-configuration"), fault());
      await start(agentOf(100));
      failing.end();
    }
    for (let one = 60; one < 100; one++) await register(agentOf(100 * (n + 1) + one));
    await happenings(100 * (n + 1), batchFaults[n] as () => Fault);
  }

  const wrongKey = Buffer.from(mark("storage key")).toString("base64");
  await stack.restartApp({
    TABLES_CONNECTION_STRING: connectionStringOf(faulty.tables.port, note("storage key", wrongKey)),
  });
  await register(agentOf(100));
  for (const bad of [
    { LIVEKIT_URL: `https://${mark("bad setting")}`, GRAPH_TIMEOUT_MS: mark("bad setting") },
    { TABLES_CONNECTION_STRING: `AccountKey=${mark("bad setting")}`, AZURE_CLIENT_ID: mark("bad setting") },
    { TABLES_CONNECTION_STRING: `AccountName=${mark("bad setting")};AccountKey=${mark("bad setting")}` },
    { TABLES_CONNECTION_STRING: `TableEndpoint=${mark("bad setting")};AccountKey=${mark("bad setting")}` },
    { CALLER_IDENTITY: mark("bad setting"), GRAPH_BASE_URL: `http://${mark("bad setting")}` },
  ]) {
    await stack.restartApp(bad).catch((error: Error) => lines.push(error.message));
  }
  await sleep(200);
  output = lines.join("\n");
});

afterAll(() => faulty?.close());

test("everything that should happen has happened, and is in the output", () => {
  const statuses = new Set(answers.map(({ status, body }) => `${status} ${body?.code ?? ""}`.trim()));
  for (const status of [
    "200",
    "201",
    "400 invalid_request",
    "401",
    "401 caller_unidentified",
    "401 invalid_token",
    "403 client_not_pre_authorized",
    "404 agent_not_registered",
    "413 body_too_large",
    "415 unsupported_media_type",
    "503 directory_access_denied",
    "503 directory_unavailable",
    "503 storage_unavailable",
  ]) {
    expect(statuses).toContain(status);
  }
  expect(statuses).not.toContain("500 internal_error");
  expect(output).toContain("settings are missing or invalid");
  const lines = output.split("\n");
  const failures = lines.filter((line) => line.startsWith('{"event":"failure"'));
  expect(failures.length).toBeGreaterThan(
    3 * (graphFaults.length + 2 * tableFaults.length + identityFaults.length),
  );
  expect(secrets.get("participant token")?.size).toBeGreaterThanOrEqual(2 * 2 * MODES.length);
});

describe("in no mode does the app's output contain", () => {
  let found: { line: string; kinds: Kind[] }[];
  beforeAll(() => {
    const find = finder();
    found = output.split("\n").map((line) => ({ line, kinds: find(line) }));
  });

  test.each(KINDS)("a %s", (kind) => {
    expect(secrets.get(kind)?.size).toBeGreaterThan(0);
    expect(found.filter(({ kinds }) => kinds.includes(kind))).toEqual([]);
  });
});

test("no answer reveals other callers or what failed, and no error reveals the configuration", () => {
  // An owner is shown its configuration, and a client is given its token.
  const shown: readonly Kind[] = ["owner's configuration", "participant token"];
  const find = finder();
  const told = answers.map(({ status, text, headers }) => {
    // Except the caller's own, which is returned.
    const others = [...headers].filter(([name]) => name !== "x-request-id").join();
    const found = find(`${text} ${others}`).filter((kind) => status >= 400 || !shown.includes(kind));
    return { status, text, found };
  });
  expect(told.filter(({ status }) => status >= 400).length).toBeGreaterThan(100);
  expect(told.filter(({ found }) => found.length > 0)).toEqual([]);
});
