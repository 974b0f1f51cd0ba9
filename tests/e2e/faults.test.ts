// What clients get while a dependency fails in each way that matters to the whole service. How each answer is understood
// and retried is tested on the adapters: graph-response.test.ts, graph-requests.test.ts, managed-identity-token.test.ts,
// table-faults.test.ts.

import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Listening, listen } from "../../dev/listen.ts";
import { agentIdentity, api, CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import {
  answer,
  changed,
  type Failing,
  type Fault,
  halfAnAnswer,
  halfAnAnswerUnnoticed,
  hang,
  hangMidway,
  lostAnswer,
  onlyTheFirst,
  reset,
} from "../support/fault-proxy.ts";
import {
  expectFailure,
  type FaultyService,
  recordOf,
  type Started,
  start,
  startFaultyService,
  storedSessions,
} from "../support/faulty-service.ts";
import { GRACE_MS } from "../support/grace-period.ts";

/** Long enough that nothing else meets it on a busy machine. */
const TIMEOUT_MS = 6_000;
/** An agent is read once a second, and a denial rests on nothing older: after this time, everything is back to normal. */
const A_SECOND_MS = 1_100;
/** So short that the token of each fault of the identity endpoint has expired at the next one. */
const LIFETIME_MS = 1_000;

const APPROVED = "200 pre_authorized";
const OPTED_OUT = "200 enforcement_disabled";
/** What a client gets while Graph, or the connection to it, fails: `fails` if the failure decides. */
const situations = [
  { situation: "enforced, cold, an approved client", client: CLIENT, during: "fails", after: APPROVED },
  {
    situation: "enforced, cold, another",
    client: OTHER_CLIENT,
    during: "fails",
    after: "403 client_not_pre_authorized",
  },
  { situation: "enforced, warm, an approved client", client: CLIENT, during: APPROVED, after: APPROVED },
  {
    situation: "enforced, warm, another",
    client: OTHER_CLIENT,
    during: "fails",
    after: "403 client_not_pre_authorized",
  },
  { situation: "opted out, cold, any client", client: OTHER_CLIENT, during: OPTED_OUT, after: OPTED_OUT },
  { situation: "opted out, warm, any client", client: OTHER_CLIENT, during: OPTED_OUT, after: OPTED_OUT },
] as const;

/** A redirection to where nothing may ever arrive, with an answer there that would do harm. */
const redirect =
  (status: number, path: string): Fault =>
  (...given) =>
    answer(status, "", { location: `${trap.url}${path}` })(...given);
const html = "<html><body><h1>Sorry</h1></body></html>";
const inMs = (ms: number) => String((Date.now() + ms) / 1_000);
/** The identity endpoint's real answer with a short lifetime and a change. */
const token = (changes: object) =>
  changed((body) => ({ ...(body as object), expires_on: inMs(LIFETIME_MS), ...changes }));
const tableError = (code: string) => ({ "odata.error": { code, message: { lang: "en-US", value: "No." } } });

type Row = [
  fault: string,
  does: Fault | "refused",
  causes: RegExp,
  attempts?: "once" | "again",
  retryAfter?: RegExp,
];
// The limit is what was left when the request started, which on a busy machine may be anything.
const late = /No response within \d+ ms/;
// Either the read's time limit ends first or its caller's, which began before the read. Both say what was missing.
const lateToken = /(could not get a token|no access token was available in time) .*No response/;
const broken = /terminated|other side closed|ECONNRESET|socket hang up|aborted/;
const noApplication = /Graph's answer is not (an application|JSON|a service principal)/;
const permission = /Application\.Read\.All/;
const graph = (status: number) => new RegExp(`Graph returned ${status}`);
const storage = (said: string) => new RegExp(`Table Storage returned ${said}$|${late.source}`);

// Answers that would allow the client if LKPS trusted them.
const ofFurtherReads: Row[] = [
  ["answers 307", redirect(307, "/v1.0/applications"), graph(307)],
  ["answers 404 without a body", answer(404), graph(404)],
  ["answers 503 with an application", answer(503, { api: api() }), graph(503), "again"],
];
const rowsOf: Readonly<Record<string, Row[]>> = {
  "the identity endpoint": [
    ["refuses the connection", "refused", /ECONNREFUSED/],
    ["hangs before the headers", hang, lateToken],
    ["answers a token that has expired", token({ expires_on: "1" }), /an invalid or expired token/],
    ["answers 302", redirect(302, "/msi/token"), /identity endpoint returned 302/],
    ["answers 400", answer(400, { statusCode: 400, message: "No identity." }), permission],
  ],
  "Graph, asked for the application,": [
    ["refuses the connection", "refused", /ECONNREFUSED/, "again"],
    ["resets the connection", reset, broken, "again"],
    ["hangs before the headers", hang, late],
    ["hangs in the middle", hangMidway, late],
    ["breaks the connection in the middle", halfAnAnswer, broken, "again"],
    ["ends in the middle", halfAnAnswerUnnoticed, noApplication],
    ["answers 10 MB", answer(200, { api: api(), x: "x".repeat(10_000_000) }), /more than \d+ bytes|No resp/],
    ["answers 200 in HTML", answer(200, html), noApplication],
    ["answers 429, to retry in 7 s", answer(429, "", { "retry-after": "7" }), graph(429), "once", /^7$/],
    ["answers 401 with an application", answer(401, { api: api() }), permission],
    ...ofFurtherReads,
  ],
  "Graph, asked for the service principal,": ofFurtherReads,
  "Graph, asked for the blueprint,": ofFurtherReads,
  "the table of registrations": [
    ["resets the connection", reset, new RegExp(`${broken.source}|${late.source}`)],
    ["hangs before the headers", hang, late],
    ["hangs in the middle", hangMidway, late],
    ["answers 301", redirect(301, "/agents"), storage("301")],
    ["answers 403 with the code for not found", answer(403, tableError("ResourceNotFound")), storage("403")],
    ["answers 429, to retry in an hour", answer(429, "", { "retry-after": "3600" }), late],
    [
      "answers another's opt-out",
      answer(200, { PartitionKey: CLIENT, enforceClientAuthz: false }),
      /different/,
    ],
  ],
  "the table of sessions": [
    ["executes the request and loses the answer", lostAnswer, new RegExp(`${broken.source}|${late.source}`)],
    ["hangs before the headers", hang, late],
    ["answers 409", answer(409, tableError("TableBeingDeleted")), storage("409 TableBeingDeleted")],
    ["answers 503", answer(503, tableError("ServerBusy")), storage("503 ServerBusy")],
  ],
};
const where = Object.keys(rowsOf);
const [IDENTITY, APPLICATION, PRINCIPAL, BLUEPRINT, REGISTRATIONS, SESSIONS] = where as [
  string,
  ...string[],
] & {
  length: 6;
};
const rows = where
  .flatMap((at) => (rowsOf[at] ?? []).map((row) => [at, ...row] as const))
  .map(([at, fault, does, causes, attempts, retryAfter], row) => {
    const isStorage = at === REGISTRATIONS || at === SESSIONS;
    const directory = causes === permission ? "directory_access_denied" : "directory_unavailable";
    return {
      row,
      at,
      fault,
      does,
      causes,
      attempts,
      retryAfter,
      isStorage,
      code: isStorage ? "storage_unavailable" : directory,
    };
  });
type Case = (typeof rows)[number];
const spareRow = rows.length;

/** What begins the ids of a row's agents, one for each situation. */
const agentsOf = (row: number) => `a9e17000-0000-4000-8000-${String(row).padStart(11, "0")}`;
const agentOf = (row: number, situation: number) => `${agentsOf(row)}${situation}`;
const blueprintOf = (row: number) => `b1e00000-0000-4000-8000-${String(row).padStart(12, "0")}`;
const asksForTwo = ({ at }: Case) => at === PRINCIPAL || at === BLUEPRINT;

let faulty: FaultyService;
let trap: Listening;
let trapped = 0;
let shortLived: Failing;

const call = (method: string, caller: string, optsOut = false) =>
  faulty.service.call(method, `/api/agent/${method === "POST" ? "register" : "registration"}`, {
    caller,
    body:
      method === "POST" ? (optsOut ? { service_config: { enforce_client_authz: false } } : {}) : undefined,
  });
const startAll = (row: number) =>
  Promise.all(situations.map(({ client }, n) => start(faulty, agentOf(row, n), client)));

/** Registers the row's agents, and brings those that are to be warm into the cache of applications. */
const prepare = (row: number) =>
  Promise.all(
    situations.map(async ({ situation }, n) => {
      const isWarm = situation.includes("warm");
      if (isWarm) {
        await call("POST", agentOf(row, n));
        expect((await start(faulty, agentOf(row, n), CLIENT)).answer.status).toBe(200);
      }
      const optsOut = situation.startsWith("opted out");
      if (!isWarm || optsOut) await call("POST", agentOf(row, n), optsOut);
    }),
  );

/** The answers in words, with the basis of a session from its record. */
const inWords = (started: readonly Started[]) =>
  Promise.all(
    started.map(async (one, n) => {
      const { status, body } = one.answer;
      const code = status === 200 ? (await recordOf(faulty, one))["code"] : body?.code;
      return `${situations[n]?.situation}: ${status} ${code}`;
    }),
  );
const expected = (of: (one: (typeof situations)[number]) => string) =>
  situations.map((one) => `${one.situation}: ${of(one)}`);

beforeAll(async () => {
  const server = createServer((_, response) => {
    trapped++;
    response.end(JSON.stringify({ api: api(), access_token: "x", expires_on: inMs(3_600_000) }));
  });
  trap = await listen(server, 0);
  const application = (appId: string) => ({ id: appId, appId, displayName: appId, api: api() });
  const directory = [...Array(spareRow + 3).keys()].flatMap((row) => {
    const agents = situations.map((_, n) => agentOf(row, n));
    if (rows[row] === undefined || !asksForTwo(rows[row])) return agents.map(application);
    const agentIdentityBlueprintId = blueprintOf(row);
    const identities = agents.map((id) => agentIdentity({ id, appId: id, agentIdentityBlueprintId }));
    return [application(agentIdentityBlueprintId), ...identities];
  });
  const timeouts = { GRAPH_TIMEOUT_MS: String(TIMEOUT_MS), TABLES_TIMEOUT_MS: String(TIMEOUT_MS) };
  faulty = await startFaultyService({ ...timeouts, GRAPH_CACHE_SECONDS: "3600" }, directory);
  shortLived = faulty.identity.fail(() => true, token({}));
  for (const { row } of rows) await prepare(row);
  await sleep(A_SECOND_MS);
});
afterAll(async () => {
  await faulty?.close();
  await trap?.close();
});

/** What is in front of a dependency, and which requests are a row's. */
function proxyOf({ at, row }: Case) {
  const path =
    at === BLUEPRINT
      ? blueprintOf(row)
      : `${at === PRINCIPAL ? "servicePrincipals" : "applications"}(appId='${agentsOf(row)}`;
  if (at === IDENTITY) return [faulty.identity, () => true] as const;
  if (!where.slice(4).includes(at))
    return [faulty.graph, (request: { path: string }) => request.path.includes(path)] as const;
  return [
    faulty.tables,
    (request: { method: string; path: string; body: string }) =>
      `${request.path} ${request.body}`.includes(agentsOf(row)) &&
      (at === SESSIONS) === request.path.includes("/sessions") &&
      (at === SESSIONS) === (request.method !== "GET"),
  ] as const;
}

// These must run alone: nothing listens meanwhile, all need the token, or 10 MB keep this process busy.
const isAlone = ({ at, fault }: Case) => at === IDENTITY || /^refuses|10 MB/.test(fault);

/** A row's fault, while clients start sessions in every situation. */
async function holds(one: Case) {
  const { row, at, does, causes, attempts, retryAfter, isStorage, code } = one;
  const [proxy, isMeant] = proxyOf(one);
  if (at === IDENTITY) await sleep(LIFETIME_MS);
  const before = faulty.graph.requests;
  const underFault = async () => {
    if (does === "refused") return await proxy.whileRefusing(() => startAll(row));
    const failing = proxy.fail(isMeant, does);
    const started = await startAll(row);
    failing.end();
    return started;
  };
  const during = await underFault();
  const fails = `503 ${code}`;
  const wanted: Record<string, (one: (typeof situations)[number]) => string> = {
    [REGISTRATIONS as string]: () => fails,
    [SESSIONS as string]: ({ after }) => (after.startsWith("200") ? fails : after),
  };
  expect(await inWords(during)).toEqual(
    expected(wanted[at] ?? (({ during }) => (during === "fails" ? fails : during))),
  );
  if (at === IDENTITY) expect(faulty.graph.requests).toBe(before);
  for (const started of during) {
    const record = await recordOf(faulty, started);
    // With all rows running at once, this process and so the client is slow, so the app's own clock counts.
    const ms = isAlone(one) ? started.ms : record["duration_ms"];
    // The other dependency has its own time limit.
    expect(ms - (isStorage ? record["graph_ms"] : record["tables_ms"])).toBeLessThan(TIMEOUT_MS + GRACE_MS);
    if (started.answer.status === 503) await expectFailure(faulty, started, { code, causes, retryAfter });
    if (isStorage) continue;
    const { application_source, graph_attempts } = record;
    if (started.answer.status === 200 || at === IDENTITY) {
      // Cached and opted-out agents cause no request to Graph, and nothing does without a token.
      expect([graph_attempts, application_source]).toEqual([null, expect.toBeOneOf(["cache", null])]);
      continue;
    }
    expect(application_source).toBe(null);
    const earlier = [APPLICATION, PRINCIPAL, BLUEPRINT].indexOf(at);
    if (attempts !== "again") expect(graph_attempts).toBe(earlier + 1);
    else expect(graph_attempts - earlier).toBeGreaterThan(1);
  }
}
const title = "$at $fault: $code where it decides";
test.each(rows.filter((one) => one.at === IDENTITY))(title, holds);
describe("with tokens that last,", () => {
  beforeAll(() => shortLived.end());
  test.each(rows.filter((one) => isAlone(one) && one.at !== IDENTITY))(title, holds);
  describe.concurrent("and other faults at the same time,", () => {
    test.each(rows.filter((one) => !isAlone(one)))(title, holds);
  });
});

describe("a second later,", () => {
  beforeAll(() => sleep(A_SECOND_MS));

  test.each(rows)("after $at $fault, everybody is answered as usual", async ({ row }) => {
    expect(await inWords(await startAll(row))).toEqual(expected(({ after }) => after));
  });
});

test("a token that is still valid is used while the identity endpoint fails", async () => {
  const failing = faulty.identity.fail(() => true, answer(500));
  await call("POST", agentOf(spareRow, 0));
  expect((await start(faulty, agentOf(spareRow, 0), CLIENT)).answer.status).toBe(200);
  failing.end();
});

describe("Table Storage refuses connections", () => {
  const causes = new RegExp(`ECONNREFUSED|${late.source}`);

  test("from the start: 503 for everybody, and normal afterwards", async () => {
    await prepare(spareRow);
    const caller = agentOf(spareRow, 0);
    const [started, ...registrations] = await faulty.tables.whileRefusing(() =>
      Promise.all([
        startAll(spareRow),
        ...["POST", "GET", "DELETE"].map((method) => call(method, caller, true)),
      ]),
    );
    for (const one of started) {
      expect(one.ms).toBeLessThan(TIMEOUT_MS + GRACE_MS);
      await expectFailure(faulty, one, { code: "storage_unavailable", causes });
    }
    expect(registrations.map(({ status, body }) => [status, body.code])).toEqual(
      Array(3).fill([503, "storage_unavailable"]),
    );
    expect(await inWords(await startAll(spareRow))).toEqual(expected(({ after }) => after));
  });

  test("once the client is allowed: 503, no token, no session", async () => {
    await prepare(spareRow + 1);
    const agent = agentOf(spareRow + 1, 0);
    const asked = Promise.withResolvers<void>();
    const refusing = Promise.withResolvers<void>();
    // Graph answers only after Table Storage has answered the read and stopped accepting connections.
    const failing = faulty.graph.fail(
      ({ path }) => path.includes(agent),
      async (response) => {
        asked.resolve();
        await refusing.promise;
        await answer(200, { api: api() })(response, () => Promise.reject());
      },
    );
    const starting = start(faulty, agent, CLIENT);
    await asked.promise;
    const started = await faulty.tables.whileRefusing(() => {
      refusing.resolve();
      return starting;
    });
    failing.end();
    await expectFailure(faulty, started, { code: "storage_unavailable", causes });
    expect((await start(faulty, agent, CLIENT)).answer.status).toBe(200);
  });
});

test.each<[string, Fault]>([
  ["breaks a connection", reset],
  ["loses an answer", lostAnswer],
  ["answers 503", answer(503)],
])("if Table Storage %s, the next attempt succeeds", async (_, does) => {
  const agent = agentOf(spareRow + 2, 0);
  await call("DELETE", agent);
  const isWrite = ({ method }: { method: string }) => method !== "GET";
  const failings = [
    faulty.tables.fail((one) => one.path.includes(agent) && !isWrite(one), onlyTheFirst(1, does)),
    faulty.tables.fail(
      (one) => `${one.path} ${one.body}`.includes(agent) && isWrite(one),
      onlyTheFirst(1, does),
    ),
  ];
  expect((await call("POST", agent, true)).status).toBe(201);
  expect((await start(faulty, agent, CLIENT)).answer.status).toBe(200);
  expect(failings.map(({ hits }) => hits > 0)).toEqual([true, true]);
  for (const failing of failings) failing.end();
});

test("a session is stored for each 200, and otherwise only if a write failed halfway", async () => {
  const answered = new Set(faulty.started.flatMap(({ answer }) => answer.body?.session_id ?? []));
  expect(answered.size).toBeGreaterThan(rows.length);
  const stored = await storedSessions(faulty);
  const ids = new Set(stored.map(({ sessionId }) => sessionId));
  expect([...answered].filter((id) => !ids.has(id))).toEqual([]);
  const unanswered = stored.filter(({ sessionId }) => !answered.has(sessionId));
  // At least those of the row where all answers are lost.
  expect(unanswered.length).toBeGreaterThanOrEqual(4);
  const ofWrites = rows.filter(({ at }) => at === SESSIONS).map(({ row }) => agentsOf(row));
  for (const { agent } of unanswered) expect(ofWrites).toContain(agent.slice(0, -1));
});

test("redirects are not followed, and no secret goes elsewhere", async () => {
  expect(trapped).toBe(0);
  await fetch(trap.url);
  expect(trapped).toBe(1);
});

test("none of this ended the app, or came near to it", () => {
  expect(faulty.crashes()).toEqual([]);
});
