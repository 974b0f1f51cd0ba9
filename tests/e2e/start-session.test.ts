import { TokenSource, type TokenSourceFetchOptions } from "livekit-client";
import { TokenVerifier } from "livekit-server-sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AGENT, api, CLIENT } from "../support/app-registration.ts";
import { type Answer, type Service, send, startService } from "../support/service.ts";

const START = "/api/session/start";
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

let service: Service;

beforeAll(async () => {
  service = await startService({
    applications: [{ id: AGENT, appId: AGENT, displayName: "Agent", api: api() }],
  });
  const body = { service_config: { deployments: ["staging"] } };
  await service.call("POST", "/api/agent/register", { caller: AGENT, body });
});
afterAll(() => service?.close());

const start = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  service.call("POST", START, { caller: CLIENT, body, headers });

/** The claims of the token, after LiveKit's own verification. */
async function claimsOf(answer: Answer) {
  expect(answer.status).toBe(200);
  return await new TokenVerifier("devkey", "secret").verify(answer.body.participant_token);
}

describe("the participant token", () => {
  test("joins one new room, to publish, subscribe, and send data, for 600 s, and nothing else", async () => {
    const answer = await start({ agent_entra_app_id: AGENT.toUpperCase() });
    const { body } = answer;
    expect(body).toEqual({
      session_id: expect.stringMatching(new RegExp(`^${UUID}$`)),
      server_url: "ws://127.0.0.1:7880",
      participant_token: expect.any(String),
      room_name: `lkps-${AGENT}-${body.session_id}`,
      participant_identity: expect.stringMatching(new RegExp(`^${CLIENT}-[0-9a-z]{8,}$`)),
      agent_entra_app_id: AGENT,
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    const claims = (await claimsOf(answer)) as Record<string, unknown> & { exp: number; nbf: number };
    expect(claims).toEqual({
      iss: "devkey",
      sub: body.participant_identity,
      nbf: expect.any(Number),
      exp: Date.parse(body.expires_at) / 1_000,
      video: {
        room: body.room_name,
        roomJoin: true,
        canPublish: true,
        canSubscribe: true,
        canPublishData: true,
      },
      roomConfig: {
        agents: [
          {
            agentName: AGENT,
            metadata: JSON.stringify({ session_id: body.session_id, client_app_id: CLIENT }),
          },
        ],
      },
    });
    expect(claims.exp - claims.nbf).toBe(600);
  });

  test("carries the participant's details and the agent metadata", async () => {
    const attributes = { lang: "de", emoji: "🙂" };
    const answer = await start({
      agent_entra_app_id: AGENT,
      participant_name: "Zoë",
      participant_metadata: '{"a":1}',
      participant_attributes: attributes,
      agent_metadata: "be brief",
    });
    const claims = await claimsOf(answer);
    expect(claims).toMatchObject({ name: "Zoë", metadata: '{"a":1}', attributes });
    const agents = (claims.roomConfig as unknown as { agents: { metadata: string }[] }).agents;
    expect(JSON.parse(agents[0]?.metadata ?? "")).toEqual({
      session_id: answer.body.session_id,
      client_app_id: CLIENT,
      client_metadata: "be brief",
    });
  });

  test("is unique: a hundred sessions have a hundred rooms, identities, and ids", async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => start({ agent_entra_app_id: AGENT })),
    );
    for (const member of ["session_id", "room_name", "participant_identity", "participant_token"]) {
      expect(new Set(answers.map(({ body }) => body[member])).size).toBe(100);
    }
  });
});

describe("an option of LiveKit's TokenSource", () => {
  type Options = TokenSourceFetchOptions;
  const agent = (members: object) => ({ roomConfig: { agents: [{ agentName: AGENT, ...members }] } });
  // Every option: its value, and the resulting claims or the error.
  const answers: { [Name in keyof Required<Options>]: [Options[Name], object | RegExp] } = {
    agentName: [AGENT, agent({})],
    agentMetadata: ["hello", agent({ metadata: expect.stringContaining('"client_metadata":"hello"') })],
    deployment: ["staging", agent({ deployment: "staging" })],
    participantName: ["Ada", { name: "Ada" }],
    participantMetadata: ["m", { metadata: "m" }],
    participantAttributes: [{ a: "b" }, { attributes: { a: "b" } }],
    roomName: ["mine", /received 400 .*room_name can't be set/],
    participantIdentity: ["me", /received 400 .*participant_identity can't be set/],
  };

  test.each([
    ...Object.entries(answers),
    ["deployment", ["canary", /received 403 .*"code":"deployment_not_allowed".*"decision_id"/]] as const,
  ])("%s is answered: %j", async (name, [value, answer]) => {
    const source = TokenSource.endpoint(`${service.stack.appUrl}${START}`, {
      headers: { "x-functions-key": service.stack.functionKey, "client-id": CLIENT },
    });
    const fetched = source.fetch({ agentName: AGENT, [name]: value });
    if (answer instanceof RegExp) return await expect(fetched).rejects.toThrow(answer);
    const { serverUrl, participantToken } = await fetched;
    expect(serverUrl).toBe("ws://127.0.0.1:7880");
    expect(await new TokenVerifier("devkey", "secret").verify(participantToken)).toMatchObject(answer);
  });
});

test("a deployment that is not allowed is rejected, which is not a denial", async () => {
  const before = service.lines.length;
  const { body } = await start(direct({ agent_deployment: "canary" }));
  expect(body.detail).not.toContain("staging");
  expect(service.lines.slice(before).map((line) => JSON.parse(line))).toMatchObject([
    {
      event: "session_start",
      status: 403,
      outcome: "rejected",
      code: "deployment_not_allowed",
      check: null,
      decision_id: body.decision_id,
      session_id: null,
    },
  ]);
});

const dispatch = (changes: object = {}) => ({ room_config: { agents: [{ agent_name: AGENT, ...changes }] } });
const direct = (changes: object = {}) => ({ agent_entra_app_id: AGENT, ...changes });

test.each<[string, unknown]>([
  ["the id alone", direct()],
  ["the standard form", dispatch()],
  ["the standard form with metadata", dispatch({ metadata: "x" })],
  ["a deployment", direct({ agent_deployment: "staging" })],
  ["an empty deployment", direct({ agent_deployment: "" })],
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
    "null inside the standard form",
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
  [
    "an attribute named __proto__",
    `{"agent_entra_app_id":"${AGENT}","participant_attributes":{"__proto__":"x"}}`,
  ],
])("%s starts a session", async (_, body) => {
  await claimsOf(await start(body));
});

test.each<[string, unknown]>([
  ["no body", undefined],
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
  [
    "an agent's member named __proto__",
    `{"room_config":{"agents":[{"agent_name":"${AGENT}","__proto__":{}}]}}`,
  ],
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
  [
    "a null attribute named __proto__",
    `{"agent_entra_app_id":"${AGENT}","participant_attributes":{"__proto__":null}}`,
  ],
  ["4,097 bytes of metadata, its quotes included", direct({ participant_metadata: "x".repeat(4_095) })],
  [
    "4,097 bytes in attributes",
    direct({ participant_attributes: { ["n".repeat(2_000)]: "v".repeat(2_093) } }),
  ],
  [
    "4,097 bytes together",
    direct({ participant_metadata: "x".repeat(4_000), agent_metadata: "x".repeat(93) }),
  ],
])("%s is 400 invalid_request", async (_, body) => {
  const answer = await start(body);
  expect([answer.status, answer.body.code]).toEqual([400, "invalid_request"]);
  expect(answer.text).not.toMatch(/server_url|participant_token/);
});

describe("bodies that are rejected before they are read", () => {
  const chunked = (headers: Record<string, string> = {}) =>
    fetch(`${service.stack.appUrl}${START}`, {
      method: "POST",
      headers: { "x-functions-key": service.stack.functionKey, "client-id": CLIENT, ...headers },
      body: new Blob([JSON.stringify(direct())]).stream(),
      duplex: "half",
    } as RequestInit);

  test("a chunked body is 411, because the host drops it", async () => {
    const response = await chunked();
    expect([response.status, await response.json()]).toEqual([
      411,
      expect.objectContaining({ code: "length_required" }),
    ]);
  });

  test("64 KiB are read; one byte more is 413, whatever the type", async () => {
    const sized = (bytes: number) =>
      `${" ".repeat(bytes - JSON.stringify(direct()).length)}${JSON.stringify(direct())}`;
    expect((await start(sized(65_536))).status).toBe(200);
    const answer = await start(sized(65_537), { "content-type": "text/plain" });
    expect([answer.status, answer.body.code]).toEqual([413, "body_too_large"]);
  });

  test.each([
    ["application/json", 200],
    ["application/json; charset=utf-8", 200],
    ["Application/JSON", 200],
    ["text/plain", 415],
    ["text/json", 415],
    ["application/json-patch+json", 415],
    ["application/x-www-form-urlencoded", 415],
    ["application/json, text/plain", 415],
    ["*/*", 415],
  ])("the content type %s is %d", async (type, status) => {
    expect((await start(direct(), { "content-type": type })).status).toBe(status);
  });

  test("no content type counts as JSON", async () => {
    const body = new TextEncoder().encode(JSON.stringify(direct()));
    expect(
      (await service.call("POST", START, { caller: CLIENT, body, headers: { "content-type": "" } })).status,
    ).toBe(415);
    const response = await fetch(`${service.stack.appUrl}${START}`, {
      method: "POST",
      headers: { "x-functions-key": service.stack.functionKey, "client-id": CLIENT },
      body,
    });
    expect(response.status).toBe(200);
  });

  test("an unknown caller comes first, then the body, then the agent", async () => {
    const noCaller = await service.call("POST", START, { body: "{" });
    expect([noCaller.status, noCaller.body.code]).toEqual([401, "caller_unidentified"]);
    const unknown = { agent_entra_app_id: "a9e17000-0000-4000-8000-ffffffffffff", participant_name: 7 };
    expect((await start(unknown)).status).toBe(400);
  });
});

test("X-Request-ID is echoed, on errors too", async () => {
  for (const body of [direct(), {}]) {
    expect((await start(body, { "x-request-id": "abc-123" })).headers.get("x-request-id")).toBe("abc-123");
  }
  expect(
    (await send(`${service.stack.appUrl}/api/health`, "GET", undefined, { "x-request-id": "h" })).headers.get(
      "x-request-id",
    ),
  ).toBe("h");
});
