import { describe, expect, test } from "vitest";
import { api, CLIENT } from "../support/app-registration.ts";
import {
  answer,
  type Fault,
  halfAnAnswer,
  halfAnAnswerUnnoticed,
  hang,
  hangAfterHeaders,
  hangMidway,
  lostAnswer,
  onlyTheFirst,
  reset,
} from "../support/fault-proxy.ts";
import {
  agentOf,
  agentsOf,
  agentsOfRow,
  expectFailure,
  inWords,
  prepare,
  recordOf,
  type Situation,
  situations,
  start,
  startAll,
  storedSessions,
} from "../support/fault-situations.ts";
import { faultSuite } from "../support/fault-suite.ts";
import type { LogLine } from "../support/faulty-service.ts";
import { GRACE_MS } from "../support/grace-period.ts";
import type { Answer } from "../support/service.ts";

const TABLES_TIMEOUT_MS = 2_000;

const tableError = (code: string) => ({ "odata.error": { code, message: { lang: "en-US", value: "No." } } });
const html = "<html><body><h1>Sorry</h1></body></html>";
const late = /No response within 2000 ms/;
/** Faults for which the SDK's retries may take all the time. */
const orLate = (causes: RegExp) => new RegExp(`${causes.source}|${late.source}`);
/** An address that must never receive anything. */
const redirect: Fault = (...given) => suite.redirect(301, "/agents")(...given);

const said = (status: number, code = "") => new RegExp(`Table Storage returned ${status} ?${code}$`);
const unreadable = /unreadable response/;
const notAsked = /a different entity/;
const json = { "content-type": "application/json" };
const optOut = { service_config: { enforce_client_authz: false } };

type TableFault = [fault: string, does: Fault, causes: RegExp];
const anywhere: TableFault[] = [
  ["resets the connection", reset, orLate(/ECONNRESET|socket hang up/)],
  ["executes the request and loses the answer", lostAnswer, orLate(/ECONNRESET|socket hang up/)],
  ["hangs before the headers", hang, late],
  ["answers 301", redirect, said(301)],
  ["answers 400", answer(400, tableError("InvalidInput")), said(400, "InvalidInput")],
  [
    "answers 401",
    answer(401, tableError("NoAuthenticationInformation")),
    said(401, "NoAuthenticationInformation"),
  ],
  ["answers 403", answer(403, tableError("AuthorizationFailure")), said(403, "AuthorizationFailure")],
  ["answers 403 in HTML", answer(403, html), said(403)],
  ["answers 403 with the code for not found", answer(403, tableError("ResourceNotFound")), said(403)],
  ["answers 404 without a body", answer(404), said(404)],
  ["answers 404 in HTML", answer(404, html), said(404)],
  ["answers 404 with another code", answer(404, tableError("NotFound")), said(404, "NotFound")],
  ["answers 404 with the code in another place", answer(404, { code: "ResourceNotFound" }), said(404)],
  ["answers 409", answer(409, tableError("TableBeingDeleted")), said(409, "TableBeingDeleted")],
  ["answers 409 without a body", answer(409), said(409)],
  [
    "answers 412",
    answer(412, tableError("UpdateConditionNotSatisfied")),
    said(412, "UpdateConditionNotSatisfied"),
  ],
  ["answers 429", answer(429, tableError("TooManyRequests")), said(429, "TooManyRequests")],
  ["answers 429, to retry at once", answer(429, "", { "retry-after": "0" }), said(429)],
  ["answers 429, to retry in an hour", answer(429, "", { "retry-after": "3600" }), late],
  ["answers 500", answer(500, tableError("InternalError")), orLate(said(500, "InternalError"))],
  ["answers 500 in HTML", answer(500, html), orLate(said(500))],
  ["answers 500 with the code for not found", answer(500, tableError("ResourceNotFound")), orLate(said(500))],
  ["answers 503", answer(503, tableError("ServerBusy")), orLate(said(503, "ServerBusy"))],
  ["answers 504", answer(504), orLate(said(504))],
];
const onRead: TableFault[] = [
  ["hangs after the headers", hangAfterHeaders, late],
  ["hangs in the middle", hangMidway, late],
  ["breaks the connection in the middle", halfAnAnswer, unreadable],
  ["ends in the middle", halfAnAnswerUnnoticed, unreadable],
  ["answers an empty 200", answer(200), /DependencyError/],
  ["answers 200 in HTML", answer(200, html), /DependencyError/],
  ["answers malformed JSON", answer(200, '{"enforceClientAuthz":false', json), unreadable],
  ["answers null", answer(200, null), /DependencyError/],
  ["answers a list", answer(200, [{ enforceClientAuthz: false }]), notAsked],
  ["answers an opt-out without an agent", answer(200, { enforceClientAuthz: false }), notAsked],
  [
    "answers an opt-out of another",
    answer(200, { PartitionKey: CLIENT, enforceClientAuthz: false }),
    notAsked,
  ],
  ["answers 204", answer(204), /DependencyError/],
];

/** The faults that writes get too: the read has shown what LKPS makes of each kind of answer. */
const onWrites = new Set([
  ...["resets the connection", "executes the request and loses the answer", "hangs before the headers"],
  ...["answers 301", "answers 403", "answers 404 without a body", "answers 409", "answers 412"],
  ...["answers 429, to retry in an hour", "answers 500", "answers 503"],
]);

const operations = [
  { operation: "read of the registration", faults: [...anywhere, ...onRead] },
  { operation: "write of the registration", faults: anywhere.filter(([fault]) => onWrites.has(fault)) },
  { operation: "write of the session", faults: anywhere.filter(([fault]) => onWrites.has(fault)) },
] as const;
type Operation = (typeof operations)[number]["operation"];

const rows = operations
  .flatMap(({ operation, faults }) => faults.map((fault) => ({ operation, fault })))
  .map(({ operation, fault: [fault, does, causes] }, row) => ({ row, operation, fault, does, causes }));
const spareRow = rows.length;
/** The agents of tests about registrations begin with this row. */
const registrationRows = 1_000;

// What a client gets: the failure if the answer needs the operation, and a normal answer otherwise.
const duringOf: Record<Operation, (situation: Situation) => string> = {
  "read of the registration": () => FAILS,
  "write of the registration": ({ after }) => after,
  "write of the session": ({ after }) => (after.startsWith("200") ? FAILS : after),
};
const FAILS = "503 storage_unavailable";

/** Makes one kind of operation fail for the agents whose ids have this prefix. */
const fail = (operation: Operation, agents: string, does: Fault) =>
  suite.faulty.tables.fail(({ method, path, body }) => {
    if (!`${path} ${body}`.includes(agents)) return false;
    if (path.includes("/sessions")) return operation === "write of the session" && method !== "GET";
    return operation === (method === "GET" ? "read of the registration" : "write of the registration");
  }, does);

const suite = faultSuite(
  { TABLES_TIMEOUT_MS: String(TABLES_TIMEOUT_MS), GRAPH_CACHE_SECONDS: "3600" },
  agentsOf(spareRow + 3),
  {},
  async (faulty) => {
    for (const { row } of rows) await prepare(faulty, row);
  },
);

const ask = (method: "GET" | "POST" | "DELETE", caller: string, body?: unknown) =>
  suite.faulty.service.call(method, `/api/agent/${method === "POST" ? "register" : "registration"}`, {
    caller,
    body,
  });

// Must run alone, because nothing listens meanwhile.
describe("Table Storage refuses connections", () => {
  test("from the start: 503 for everybody, and normal afterwards", async () => {
    await prepare(suite.faulty, spareRow);
    const caller = agentOf(spareRow, situations[0]);
    const during = await suite.faulty.tables.whileRefusing(() =>
      Promise.all([
        startAll(suite.faulty, spareRow),
        ask("POST", caller, optOut),
        ask("GET", caller),
        ask("DELETE", caller),
      ]),
    );
    const [started, ...registrations] = during;
    for (const one of started) {
      expect(one.ms).toBeLessThan(TABLES_TIMEOUT_MS + GRACE_MS);
      await expectFailure(suite.faulty, one, { code: "storage_unavailable", causes: orLate(/ECONNREFUSED/) });
    }
    expect(registrations.map(({ status, body }) => `${status} ${body.code}`)).toEqual([FAILS, FAILS, FAILS]);
    expect(await inWords(suite.faulty, await startAll(suite.faulty, spareRow))).toEqual(
      situations.map((one) => `${one.situation}: ${one.after}`),
    );
  });

  test("once the client is allowed: 503, no token, no session", async () => {
    const row = spareRow + 1;
    await prepare(suite.faulty, row);
    const agent = agentOf(row, situations[0]);
    const asked = Promise.withResolvers<void>();
    const refusing = Promise.withResolvers<void>();
    // Graph answers only after Table Storage has answered the read and stopped accepting connections.
    const failing = suite.faulty.graph.fail(
      ({ path }) => path.includes(agent),
      async (response) => {
        asked.resolve();
        await refusing.promise;
        await answer(200, { api: api() })(response, () => Promise.reject());
      },
    );
    const starting = start(suite.faulty, agent, CLIENT);
    await asked.promise;
    const started = await suite.faulty.tables.whileRefusing(() => {
      refusing.resolve();
      return starting;
    });
    failing.end();
    await expectFailure(suite.faulty, started, {
      code: "storage_unavailable",
      causes: orLate(/ECONNREFUSED/),
    });
    expect((await start(suite.faulty, agent, CLIENT)).answer.status).toBe(200);
  });
});

// The others are timed by the app's own clock, because this process is slow when all run at once.
const isAlone = ({ fault }: { fault: string }) => fault.startsWith("hangs before");

/** A row's fault, while clients start sessions in every situation; then no fault, and the same once more. */
async function holds({ row, operation, fault, does, causes }: (typeof rows)[number]) {
  const failing = fail(operation, agentsOfRow(row), does);
  const during = await startAll(suite.faulty, row);
  failing.end();
  expect(await inWords(suite.faulty, during)).toEqual(
    situations.map((one) => `${one.situation}: ${duringOf[operation](one)}`),
  );
  for (const started of during) {
    const { duration_ms, graph_ms } = await recordOf(suite.faulty, started);
    const ms = isAlone({ fault }) ? started.ms : duration_ms;
    // Graph has its own time limit.
    expect(ms - graph_ms).toBeLessThan(TABLES_TIMEOUT_MS + GRACE_MS);
    if (started.answer.status !== 503) continue;
    await expectFailure(suite.faulty, started, { code: "storage_unavailable", causes });
  }
  expect(await inWords(suite.faulty, await startAll(suite.faulty, row))).toEqual(
    situations.map((one) => `${one.situation}: ${one.after}`),
  );
}

test.each(rows.filter(isAlone))(
  "Table Storage $fault on $operation: storage_unavailable where it matters, and normal afterwards",
  holds,
);

describe.concurrent("Table Storage", () => {
  test.each(rows.filter((row) => !isAlone(row)))(
    "$fault on $operation: storage_unavailable where it matters, and normal afterwards",
    holds,
  );
});

/** Checks the answer and the log of a failed registration against the contract. */
async function expectNotRegistered(caller: string, answer: Answer, event: string, causes: RegExp) {
  expect([answer.status, answer.body.code]).toEqual([503, "storage_unavailable"]);
  expect(answer.headers.get("retry-after")).toBe("1");
  const isMeant = (line: LogLine) => line["status"] === 503;
  const [record] = await suite.faulty.recordsOf(caller, event, isMeant);
  expect(record).toMatchObject({ outcome: "failed", code: "storage_unavailable", session_id: null });
  expect(record?.["duration_ms"]).toBeLessThan(TABLES_TIMEOUT_MS + GRACE_MS);
  const failure = await suite.faulty.failureOf(record?.["decision_id"]);
  expect(failure["causes"].join(" < ")).toMatch(causes);
}

describe.concurrent("a registration, while Table Storage", () => {
  test.each(
    rows.filter(({ operation, does }) => operation === "write of the registration" && does !== lostAnswer),
  )(
    "$fault on its write: 503, what was registered stays, and the next try is normal",
    async ({ row, operation, does, causes }) => {
      const own = row + registrationRows;
      const [enforced, optedOut, removed, fresh] = [0, 1, 2, 3].map((n) => `${agentsOfRow(own)}${n}`) as [
        string,
        string,
        string,
        string,
      ];
      const all = [enforced, optedOut, removed, fresh];
      await Promise.all([ask("POST", enforced), ask("POST", optedOut, optOut), ask("POST", removed)]);
      const before = await Promise.all(all.map((caller) => ask("GET", caller)));
      const everything = () =>
        Promise.all([
          ask("POST", enforced, optOut),
          ask("POST", optedOut),
          ask("DELETE", removed),
          ask("POST", fresh, optOut),
        ]);
      const failing = fail(operation, agentsOfRow(own), does);
      const answers = await everything();
      failing.end();
      for (const [n, answer] of answers.entries()) {
        const event = n === 2 ? "agent_unregistered" : "agent_registered";
        await expectNotRegistered(all[n] as string, answer, event, causes);
      }
      const after = await Promise.all(all.map((caller) => ask("GET", caller)));
      expect(after.map(({ status }) => status)).toEqual([200, 200, 200, 404]);
      expect(after.map(({ body }) => body.updated_at)).toEqual(before.map(({ body }) => body.updated_at));
      expect((await everything()).map(({ status }) => status)).toEqual([200, 200, 204, 201]);
    },
  );

  test.each(rows.filter(({ operation }) => operation === "read of the registration"))(
    "$fault on its read: 503 for whoever asks for it or replaces it, and the next try is normal",
    async ({ row, operation, does, causes }) => {
      const agents = agentsOfRow(row + registrationRows);
      const [reader, writer] = [`${agents}0`, `${agents}1`];
      await Promise.all([ask("POST", reader), ask("POST", writer)]);
      const failing = fail(operation, agents, does);
      const [read, replaced] = await Promise.all([ask("GET", reader), ask("POST", writer)]);
      failing.end();
      expect([read.status, read.body.code]).toEqual([503, "storage_unavailable"]);
      await expectNotRegistered(writer, replaced, "agent_registered", causes);
      expect([(await ask("GET", reader)).status, (await ask("POST", writer)).status]).toEqual([200, 200]);
    },
  );
});

test.each<[string, Fault]>([
  ["breaks a connection", reset],
  ["loses an answer", lostAnswer],
  ["answers 500", answer(500)],
  ["answers 503", answer(503)],
])("if Table Storage %s, the next attempt succeeds", async (_, does) => {
  const row = spareRow + 2;
  const agent = agentOf(row, situations[0]);
  await ask("DELETE", agent);
  const failings = operations.map(({ operation }) => fail(operation, agent, onlyTheFirst(1, does)));
  expect((await ask("POST", agent, optOut)).status).toBe(201);
  expect((await start(suite.faulty, agent, CLIENT)).answer.status).toBe(200);
  expect(failings.map(({ hits }) => hits > 0)).toEqual([true, true, true]);
  for (const failing of failings) failing.end();
});

test("a session is stored for each 200, and otherwise only if a write failed halfway", async () => {
  const answered = new Set(suite.faulty.started.flatMap(({ answer }) => answer.body?.session_id ?? []));
  expect(answered.size).toBeGreaterThan(rows.length);
  const stored = await storedSessions(suite.faulty);
  const ids = new Set(stored.map(({ sessionId }) => sessionId));
  expect([...answered].filter((id) => !ids.has(id))).toEqual([]);
  const graphUnavailable = stored.filter(({ sessionId }) => !answered.has(sessionId));
  // At least those of the row where all answers are lost.
  expect(graphUnavailable.length).toBeGreaterThanOrEqual(4);
  const writes = rows.filter(({ operation }) => operation === "write of the session");
  for (const { agent } of graphUnavailable) {
    expect(writes.map(({ row }) => agentsOfRow(row))).toContain(agent.slice(0, -1));
  }
});

suite.testTheEnd();
