import { describe, expect, test } from "vitest";
import { DependencyError } from "../../../src/domain/dependency-error.ts";
import { AGENT, api, CLIENT, entry, OTHER_CLIENT } from "../../support/app-registration.ts";
import { agentRows, identityOf } from "../../support/decision-table.ts";
import { application, testApp } from "../../support/test-app.ts";

const EVALUATION = "/api/access/v1/evaluation";
const EVALUATIONS = "/api/access/v1/evaluations";

const rows = agentRows;
const agentOf = (code: string) => rows.find((row) => row.code === code)?.agent ?? "";
const ALLOWING = agentOf("pre_authorized");
const OPTED_OUT = agentOf("enforcement_disabled");
const UNKNOWN = agentOf("agent_not_registered");

/** Five clients, in the order of their ids, that the agent {@link AGENT} lists the other way around. */
const clients = Array.from({ length: 5 }, (_, n) => `c11e0000-0000-4000-8000-00000000000${n}`);
const listed = api({ preAuthorizedApplications: clients.toReversed().map((appId) => entry({ appId })) });
/** An app with the whole decision table's agents, and one more. */
const app = testApp({
  settings: { GRAPH_READS_PER_CALLER: "10000" },
  registered: {
    ...Object.fromEntries(
      rows
        .filter(({ registered }) => registered !== "no")
        .map(({ agent, registered }) => [agent, { enforceClientAuthz: registered === "enforced" }]),
    ),
    [AGENT]: {},
  },
  identities: {
    ...Object.fromEntries(rows.map((row) => [row.agent, identityOf(row)])),
    [AGENT]: application(listed),
  },
});
type Answer = Awaited<ReturnType<typeof app.request>>;

const subject = (id: string) => ({ type: "client_application", id });
const resource = (id: string) => ({ type: "agent", id });
const action = { name: "access_as_client" };
const question = (agent: string, client = CLIENT) => ({
  subject: subject(client),
  action,
  resource: resource(agent),
});
const ask = (body: unknown, caller = CLIENT, path = EVALUATION): Promise<Answer> =>
  app.request("POST", path, { caller, body });
const askMany = (body: unknown, caller = CLIENT) => ask(body, caller, EVALUATIONS);

/** The records of the evaluations that `work` makes. */
async function recordsOf(work: () => Promise<unknown>) {
  const before = app.lines.length;
  await work();
  return app.lines.slice(before).filter(({ event }) => event === "evaluation");
}

/** The answer to a request, and how often it read a registration or an application. */
async function reading(request: () => Promise<Answer>) {
  const count = () => app.calls.find + app.calls.list + app.calls.read;
  const before = count();
  return { answer: await request(), read: count() - before };
}

describe("an evaluation", () => {
  test.each(rows)(
    "is the decision of a start: row $row, $situation",
    async ({ agent, code, check, status }) => {
      for (const caller of [CLIENT, agent]) {
        const answer = await ask(question(agent), caller);
        expect(answer.status).toBe(200);
        expect(answer.body).toEqual({
          decision: status === 200,
          context: { code, ...(check !== undefined && { check }), decision_id: expect.any(String) },
        });
      }
    },
  );

  test.each<[string, object, string]>([
    ["a subject of another type", { subject: { type: "user", id: CLIENT } }, CLIENT],
    ["another action", { action: { name: "read" } }, CLIENT],
    ["the action in another letter case", { action: { name: "Access_As_Client" } }, CLIENT],
    ["a resource of another type", { resource: { type: "room", id: ALLOWING } }, CLIENT],
    ["another type, asked by anyone", { subject: { type: "user", id: "alice" } }, OTHER_CLIENT],
  ])("of %s is not applicable, and nothing is read", async (_, changes, caller) => {
    const { answer, read } = await reading(() => ask({ ...question(ALLOWING), ...changes }, caller));
    expect([answer.status, answer.body.decision, answer.body.context.code, read]).toEqual([
      200,
      false,
      "not_applicable",
      0,
    ]);
  });

  test.each<[string, object]>([
    ["about two others", question(ALLOWING, "c11e0000-0000-4000-8000-0000000000cc")],
    ["with a subject that is not an id", question(OTHER_CLIENT, "alice")],
    ["with a resource that is not an id", question("agent-1", OTHER_CLIENT)],
  ])("%s is not the caller's: 403, nothing is read, and what is no id is not logged", async (_, body) => {
    const { answer, read } = await reading(() => ask(body, OTHER_CLIENT));
    expect([answer.status, answer.body.code, read]).toEqual([403, "not_your_decision", 0]);
    expect(JSON.stringify(app.lines.at(-1))).not.toMatch(/alice|agent-1/);
  });

  test("compares ids without regard to letter case", async () => {
    const answer = await ask(question(ALLOWING.toUpperCase(), CLIENT.toUpperCase()));
    expect(answer.body.decision).toBe(true);
  });

  test.each<[string, unknown]>([
    ["no body", undefined],
    ["no subject", { action, resource: resource(ALLOWING) }],
    ["no action", { subject: subject(CLIENT), resource: resource(ALLOWING) }],
    ["no resource", { subject: subject(CLIENT), action }],
    ["a subject without type", { ...question(ALLOWING), subject: { id: CLIENT } }],
    ["a subject without id", { ...question(ALLOWING), subject: { type: "client_application" } }],
    ["an action without name", { ...question(ALLOWING), action: {} }],
    ["a resource without type", { ...question(ALLOWING), resource: { id: ALLOWING } }],
    ["a resource without id", { ...question(ALLOWING), resource: { type: "agent" } }],
    ["text for a subject", { ...question(ALLOWING), subject: CLIENT }],
    ["a number for a name", { ...question(ALLOWING), action: { name: 123 } }],
    ["null for a subject", { ...question(ALLOWING), subject: null }],
    ["broken JSON", "{"],
  ])("with %s is 400", async (_, body) => {
    const answer = await ask(body);
    expect([answer.status, answer.body.code]).toEqual([400, "invalid_request"]);
  });

  test("writes one line for each, with its outcome", async () => {
    const records = await recordsOf(async () => {
      await ask(question(ALLOWING));
      await ask(question(UNKNOWN));
      await ask({ ...question(ALLOWING), action: { name: "read" } });
      await ask(question(ALLOWING), OTHER_CLIENT);
      await ask({});
    });
    expect(
      records.map((one) => [one.status, one.outcome, one.code, one.client_app_id, one.agent_entra_app_id]),
    ).toEqual([
      [200, "allowed", "pre_authorized", CLIENT, ALLOWING],
      [200, "denied", "agent_not_registered", CLIENT, UNKNOWN],
      [200, "denied", "not_applicable", CLIENT, ALLOWING],
      [403, "rejected", "not_your_decision", CLIENT, ALLOWING],
      [400, "rejected", "invalid_request", null, null],
    ]);
  });

  test("stores no session", async () => {
    expect(app.sessions).toEqual([]);
  });
});

describe("a batch", () => {
  const [deny, permit, foreign] = [question(UNKNOWN), question(ALLOWING), question(ALLOWING, OTHER_CLIENT)];
  const decisions = ({ body }: Answer) =>
    body.evaluations.map(({ decision }: { decision: boolean }) => decision);

  test("is answered in order, with a decision for each", async () => {
    const answer = await askMany({
      evaluations: [permit, deny, foreign, { ...permit, action: { name: "read" } }],
    });
    expect(decisions(answer)).toEqual([true, false, false, false]);
    expect(codes(answer)).toEqual([
      "pre_authorized",
      "agent_not_registered",
      "not_your_decision",
      "not_applicable",
    ]);
    expect(answer.body).not.toHaveProperty("decision");
  });

  const codes = ({ body }: Answer) =>
    body.evaluations.map(({ context }: { context: { code: string } }) => context.code);

  test("uses a default for an entity that an evaluation lacks, and never merges it into an existing one", async () => {
    const evaluations = [{}, { resource: resource(UNKNOWN) }, { resource: { id: ALLOWING } }, { action: {} }];
    const answer = await askMany({ ...permit, evaluations });
    expect(codes(answer)).toEqual([
      "pre_authorized",
      "agent_not_registered",
      "invalid_request",
      "invalid_request",
    ]);
  });

  test.each<[string, object]>([
    ["lacks a resource", { subject: subject(CLIENT), action }],
    ["has null for a resource", { ...permit, resource: null }],
    ["has text for a subject", { ...permit, subject: CLIENT }],
    ["has a number for an action's name", { ...permit, action: { name: 1 } }],
    ["has a list for properties", { ...permit, resource: { ...resource(ALLOWING), properties: [] } }],
    ["has text for its context", { ...permit, context: "now" }],
  ])("an evaluation that %s is false on its own, and counts as a denial", async (_, wrong) => {
    let answer: Answer | undefined;
    const records = await recordsOf(async () => {
      answer = await askMany({ evaluations: [permit, wrong, permit] });
    });
    expect(answer?.body.evaluations[1]).toEqual({
      decision: false,
      context: { code: "invalid_request", decision_id: records[1].decision_id },
    });
    expect(decisions(answer as Answer)).toEqual([true, false, true]);
    expect(records.map(({ status, outcome }) => [status, outcome])).toEqual([
      [200, "allowed"],
      [200, "rejected"],
      [200, "allowed"],
    ]);
    const options = { evaluations_semantic: "deny_on_first_deny" };
    expect(decisions(await askMany({ evaluations: [permit, wrong, permit], options }))).toEqual([
      true,
      false,
    ]);
  });

  test("an invalid default fails only the evaluations that use it", async () => {
    const answer = await askMany({ ...permit, subject: 5, evaluations: [{}, { subject: subject(CLIENT) }] });
    expect(codes(answer)).toEqual(["invalid_request", "pre_authorized"]);
  });

  test.each([
    ["execute_all", [true, false, true, false]],
    ["deny_on_first_deny", [true, false]],
    ["permit_on_first_permit", [true]],
    [undefined, [true, false, true, false]],
  ])("stops as the semantic %s says", async (semantic, expected) => {
    const evaluations = [permit, deny, permit, deny];
    const answer = await askMany({ evaluations, options: { evaluations_semantic: semantic, other: 1 } });
    expect(decisions(answer)).toEqual(expected);
  });

  test.each<[string, object]>([
    ["no evaluations", {}],
    ["an empty list of them", { evaluations: [] }],
  ])("with %s is a single evaluation", async (_, more) => {
    const answer = await askMany({ ...permit, ...more });
    expect(answer.body).toMatchObject({ decision: true, context: { code: "pre_authorized" } });
    const foreigner = await askMany({ ...foreign, ...more });
    expect([foreigner.status, foreigner.body.code]).toEqual([403, "not_your_decision"]);
  });

  test("of 100 is decided, of 101 is rejected", async () => {
    const many = (length: number) => ({ evaluations: Array.from({ length }, () => permit) });
    expect(decisions(await askMany(many(100)))).toEqual(Array(100).fill(true));
    expect((await askMany(many(101))).status).toBe(400);
  });

  test.each<[string, object]>([
    ["an evaluation that is null", { evaluations: [permit, null] }],
    ["evaluations that are no list", { evaluations: { 0: permit } }],
    ["an unknown semantic", { evaluations: [permit], options: { evaluations_semantic: "guess" } }],
  ])("with %s is a 400 as a whole, with one log line", async (_, body) => {
    let answer: Answer | undefined;
    const records = await recordsOf(async () => {
      answer = await askMany(body);
    });
    expect([answer?.status, answer?.body.code]).toEqual([400, "invalid_request"]);
    expect(records.map(({ outcome, code }) => [outcome, code])).toEqual([["rejected", "invalid_request"]]);
  });

  test("writes a line for each evaluation, with status 200 and the decision id of its answer", async () => {
    let answer: Answer | undefined;
    const records = await recordsOf(async () => {
      answer = await askMany({ evaluations: [permit, deny, foreign] });
    });
    expect(records.map(({ status, outcome }) => [status, outcome])).toEqual([
      [200, "allowed"],
      [200, "denied"],
      [200, "rejected"],
    ]);
    const ids = answer?.body.evaluations.map(
      ({ context }: { context: { decision_id: string } }) => context.decision_id,
    );
    expect(records.map(({ decision_id }) => decision_id)).toEqual(ids);
  });
});

describe("a search of clients", () => {
  const search = (agent: string, more: object = {}, caller = agent) =>
    ask(
      { subject: { type: "client_application" }, action, resource: resource(agent), ...more },
      caller,
      "/api/access/v1/search/subject",
    );

  test("lists those that may start sessions with the calling agent", async () => {
    const answer = await search(ALLOWING);
    expect(answer.body).toEqual({ results: [subject(CLIENT)], page: { next_token: "" } });
  });

  test("is empty for an agent that opted out, and says that any client may", async () => {
    const answer = await search(OPTED_OUT);
    expect(answer.body).toEqual({
      results: [],
      page: { next_token: "" },
      context: { enforce_client_authz: false },
    });
  });

  test.each([
    "agent_not_registered",
    "agent_application_not_found",
    "scope_not_exposed",
    "scope_disabled",
    "client_not_pre_authorized",
    "scope_not_granted",
  ])("is empty where a start would be %s", async (code) => {
    const denying = rows.filter(
      (row) => row.code === code && !row.situation.startsWith("another client's entry"),
    );
    for (const { agent } of denying) expect((await search(agent)).body.results).toEqual([]);
  });

  test.each<[string, object, string, unknown]>([
    ["anyone else", {}, CLIENT, "not_your_decision"],
    ["a resource that is not an id", { resource: resource("x") }, ALLOWING, "not_your_decision"],
    ["another type of subject", { subject: { type: "spaceship" } }, CLIENT, undefined],
    ["another action", { action: { name: "read" } }, CLIENT, undefined],
  ])("is for the agent only, and reads nothing for %s", async (_, more, caller, code) => {
    const { answer, read } = await reading(() => search(ALLOWING, more, caller));
    expect([answer.body.code, answer.body.results, read]).toEqual([code, code ? undefined : [], 0]);
  });

  test.each<[string, object]>([
    ["no action", { action: undefined }],
    ["a resource without id", { resource: { type: "agent" } }],
    ["a limit below 0", { page: { limit: -1 } }],
    ["a limit of 1.5", { page: { limit: 1.5 } }],
    ["text for a limit", { page: { limit: "1" } }],
    ["a made-up token", { page: { token: "made up" } }],
  ])("with %s is 400", async (_, more) => {
    expect((await search(ALLOWING, more)).body.code).toBe("invalid_request");
  });
});

describe("a search of agents", () => {
  const search = (client: string, more: object = {}, caller = client) =>
    ask(
      { subject: subject(client), action, resource: { type: "agent" }, ...more },
      caller,
      "/api/access/v1/search/resource",
    );
  const ids = ({ body }: Answer) => body.results.map(({ id }: { id: string }) => id);
  const allowing = rows.filter(({ status }) => status === 200).map(({ agent }) => agent);

  test("lists the registered agents that a start would allow, including those that opted out", async () => {
    const found = await search(CLIENT);
    expect(ids(found)).toEqual(allowing);
    expect(found.body.page).toEqual({ next_token: "" });
    expect(found.body.results[0].type).toBe("agent");
  });

  test("returns pages without missing an agent", async () => {
    const found: string[] = [];
    let token = "";
    let pages = 0;
    do {
      const answer = await search(CLIENT, { page: { limit: 3, token } });
      found.push(...ids(answer));
      token = answer.body.page.next_token;
      pages++;
    } while (token !== "" && pages < 50);
    expect(found).toEqual(allowing);
    expect(pages).toBe(Math.ceil(allowing.length / 3));
  });

  test.each<[string, object, unknown]>([
    ["anyone else", {}, "not_your_decision"],
    ["another type of resource", { resource: { type: "spaceship" } }, undefined],
    ["another action", { action: { name: "read" } }, undefined],
  ])("is for the client only, and reads nothing for %s", async (_, more, code) => {
    const { answer, read } = await reading(() => search(CLIENT, more, OTHER_CLIENT));
    expect([answer.body.code, answer.body.results, read]).toEqual([code, code ? undefined : [], 0]);
  });
});

describe("a search of actions", () => {
  const search = (agent: string, caller: string, more: object = {}) =>
    ask(
      { subject: subject(CLIENT), resource: resource(agent), ...more },
      caller,
      "/api/access/v1/search/action",
    );

  test("matches a start, for the client and the agent", async () => {
    for (const { agent, status } of rows) {
      const results = status === 200 ? [action] : [];
      for (const caller of [CLIENT, agent]) {
        expect((await search(agent, caller)).body).toEqual({ page: { next_token: "" }, results });
      }
      const none = await search(agent, CLIENT, { page: { limit: 0 } });
      const next_token = status === 200 ? expect.stringMatching(/./) : "";
      expect(none.body).toEqual({ page: { next_token }, results: [] });
    }
  });

  test.each<[string, string, object, unknown]>([
    ["anyone else", OTHER_CLIENT, {}, "not_your_decision"],
    ["an invalid id", CLIENT, { resource: resource("a") }, "not_your_decision"],
    ["another type", OTHER_CLIENT, { subject: { type: "user", id: "alice" } }, undefined],
  ])("reads nothing for %s", async (_, caller, more, code) => {
    const { answer, read } = await reading(() => search(ALLOWING, caller, more));
    expect([answer.body.code, answer.body.results, read]).toEqual([code, code ? undefined : [], 0]);
  });
});

/** A request that each endpoint answers with 200. Searches ignore the id, or the action, that they look for. */
const requests: readonly (readonly [path: string, body: object, caller: string])[] = [
  ["evaluation", question(ALLOWING), CLIENT],
  ["evaluations", { ...question(ALLOWING), evaluations: [{}] }, CLIENT],
  ["search/subject", question(ALLOWING, "stray"), ALLOWING],
  ["search/resource", question("stray"), CLIENT],
  ["search/action", question(ALLOWING), CLIENT],
];

// The requests that the OpenID Foundation's conformance suite sends to every endpoint.
describe.each(requests)("%s", (path, body, caller) => {
  const call = (sent: unknown, type = "application/json") =>
    app.request("POST", `/api/access/v1/${path}`, {
      caller,
      body: sent,
      headers: { "content-type": type, "x-request-id": "r-1" },
    });

  test.each<[string, unknown, string?]>([
    ["a charset in its media type", body, "application/json; charset=utf-8"],
    ["members that LKPS does not know", { ...body, foo: "bar", later: { nested: true } }],
    ["a context", { ...body, context: { time: "2025-06-27T18:03-07:00" } }],
  ])("accepts %s, and gives the same decision again", async (_, sent, type) => {
    const decided = async () => {
      const { status, headers, text } = await call(sent, type);
      expect([status, headers["x-request-id"]]).toEqual([200, "r-1"]);
      return text.replace(/"decision_id":"[^"]+"/g, "");
    };
    expect(await decided()).toBe(await decided());
  });

  test("rejects an empty body", async () => {
    expect((await call("")).status).toBe(400);
  });
});

test("a page token belongs to its search, but not to its limit", async () => {
  const firstAllowing = rows.find(({ status }) => status === 200)?.agent ?? "";
  const search = (kind: string, page: object, changes: object = {}) => {
    const body = { ...question(ALLOWING), ...changes, page };
    return ask(body, CLIENT, `/api/access/v1/search/${kind}`);
  };
  const none = await search("resource", { limit: 0 });
  expect(Object.keys(none.body)).toEqual(["page", "results"]);
  expect(none.body.results).toEqual([]);
  const page = { token: none.body.page.next_token };
  for (const limit of [1, 100, 101, 1e300]) {
    expect((await search("resource", { ...page, limit })).body.results[0]).toEqual(resource(firstAllowing));
  }
  for (const other of [
    await search("action", page),
    await search("resource", page, { action: { name: "read" } }),
    await search("resource", page, { subject: { ...subject(CLIENT), properties: {} } }),
  ]) {
    expect([other.status, other.body.code]).toEqual([400, "invalid_request"]);
  }
});

describe("what fails is false in a batch, and the whole answer otherwise", () => {
  const unread = new DependencyError("directory_unavailable", "inner detail", { retryAfterSeconds: 7 });
  const FAILING = agentOf("client_not_pre_authorized");
  const failing = () =>
    testApp({
      registered: { [ALLOWING]: { enforceClientAuthz: false }, [FAILING]: {} },
      identities: { [FAILING]: unread },
    });

  test.each([
    [EVALUATION, CLIENT],
    ["/api/access/v1/search/subject", FAILING],
    ["/api/access/v1/search/resource", CLIENT],
    ["/api/access/v1/search/action", CLIENT],
  ])("%s", async (path, caller) => {
    const world = failing();
    const { status, body, headers } = await world.request("POST", path, { caller, body: question(FAILING) });
    expect([status, body.code, headers["retry-after"]]).toEqual([503, "directory_unavailable", "7"]);
    const failure = { event: "failure", code: "directory_unavailable" };
    const record = { event: "evaluation", status: 503, outcome: "failed", code: "directory_unavailable" };
    expect(world.lines).toMatchObject(path === EVALUATION ? [record, failure] : [failure]);
  });

  test("an evaluation of a batch has its line with status 200, and a failure line", async () => {
    const world = failing();
    const evaluations = [question(FAILING), question(ALLOWING)];
    const { status, body } = await world.request("POST", EVALUATIONS, {
      caller: CLIENT,
      body: { evaluations },
    });
    expect([status, body.evaluations]).toMatchObject([
      200,
      [
        { decision: false, context: { code: "directory_unavailable" } },
        { decision: true, context: { code: "enforcement_disabled" } },
      ],
    ]);
    const [first] = world.lines;
    expect(world.lines).toMatchObject([
      { event: "evaluation", status: 200, outcome: "failed", code: "directory_unavailable" },
      { event: "evaluation", status: 200, outcome: "allowed", code: "enforcement_disabled" },
      { event: "failure", decision_id: first.decision_id, code: "directory_unavailable" },
    ]);
  });

  test("a caller that has spent its reads is `too_many_reads`", async () => {
    const world = testApp({ settings: { GRAPH_READS_PER_CALLER: "10" } });
    const evaluations = Array(11).fill(question(AGENT));
    const options = { evaluations_semantic: "deny_on_first_deny" };
    const ask = (path: string, body: object) => world.request("POST", path, { caller: CLIENT, body });
    const { body } = await ask(EVALUATIONS, { evaluations, options });
    expect(body.evaluations[10]).toMatchObject({ decision: false, context: { code: "too_many_reads" } });
    const single = await ask(EVALUATION, question(AGENT));
    expect([single.status, single.body.code]).toEqual([429, "too_many_reads"]);
    expect(single.headers["retry-after"]).toMatch(/^\d+$/);
    expect(world.lines.slice(10)).toMatchObject([
      { status: 200, outcome: "rejected", code: "too_many_reads" },
      { status: 429, outcome: "rejected", code: "too_many_reads" },
    ]);
  });
});

test.each(["execute_all", "deny_on_first_deny"])(
  "a batch (%s) reads each agent's registration once, and the next batch reads it again",
  async (evaluations_semantic) => {
    const world = testApp({ registered: { [AGENT]: {}, [OPTED_OUT]: { enforceClientAuthz: false } } });
    const other = question(OPTED_OUT);
    const evaluations = [...Array(50).fill({}), ...Array(50).fill(other)];
    for (const batches of [1, 2]) {
      const body = { ...question(AGENT), evaluations, options: { evaluations_semantic } };
      const answer = await world.request("POST", EVALUATIONS, { caller: CLIENT, body });
      expect(answer.body.evaluations).toHaveLength(100);
      expect(world.calls.find).toBe(2 * batches);
    }
  },
);
