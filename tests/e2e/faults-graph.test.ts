import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { api } from "../support/app-registration.ts";
import {
  answer,
  type Fault,
  halfAnAnswer,
  halfAnAnswerUnnoticed,
  hang,
  hangAfterHeaders,
  hangMidway,
  onlyTheFirst,
  reset,
} from "../support/fault-proxy.ts";
import {
  A_SECOND_MS,
  agentIdentitiesOf,
  agentOf,
  agentsOf,
  agentsOfRow,
  blueprintOfRow,
  expectFailure,
  inWords,
  prepare,
  recordOf,
  situations,
  start,
  startAll,
  storedSessions,
} from "../support/fault-situations.ts";
import { faultSuite } from "../support/fault-suite.ts";
import { GRACE_MS } from "../support/grace-period.ts";

const GRAPH_TIMEOUT_MS = 2_000;

/** An address that must never receive anything, least of all the token. */
const redirect =
  (status: number): Fault =>
  (...given) =>
    suite.redirect(status, "/v1.0/applications", { api: api() })(...given);

const graphError = (code: string) => ({ error: { code, message: "No.", innerError: {} } });
const html = "<html><body><h1>Sorry</h1></body></html>";
const broken = /terminated|other side closed|ECONNRESET/;
// The limit is what was left when the request started, which on a busy machine may be anything.
const late = /No response within \d+ ms/;
const noApplication = /Graph's answer is not (an application|JSON|a service principal)/;
const said = (status: number) => new RegExp(`Graph returned ${status}`);

type Attempts = "once" | "again";
type Row = [fault: string, does: Fault | "refused", attempts: Attempts, causes: RegExp, retryAfter?: RegExp];

// Answers that would allow the client if LKPS trusted them.
const unavailable: Row[] = [
  ["refuses the connection", "refused", "again", /ECONNREFUSED/],
  ["resets the connection", reset, "again", broken],
  ["hangs before the headers", hang, "once", late],
  ["hangs after the headers", hangAfterHeaders, "once", late],
  ["hangs in the middle", hangMidway, "once", late],
  ["breaks the connection in the middle", halfAnAnswer, "again", broken],
  ["ends in the middle", halfAnAnswerUnnoticed, "once", noApplication],
  [
    "answers 10 MB",
    answer(200, { api: api(), x: "x".repeat(10_000_000) }),
    "once",
    /more than \d+ bytes|No answer/,
  ],
  ["answers an empty 200", answer(200), "once", noApplication],
  ["answers 200 in HTML", answer(200, html), "once", noApplication],
  ["answers malformed JSON", answer(200, `{"api":${JSON.stringify(api())}`), "once", noApplication],
  ["answers 204", answer(204), "once", said(204)],
  ["answers 206 with an application", answer(206, { api: api() }), "once", said(206)],
  ["answers 307", redirect(307), "once", said(307)],
  ["answers 400", answer(400, graphError("Request_BadRequest")), "once", /400 Request_BadRequest/],
  ["answers 404 without a body", answer(404), "once", said(404)],
  ["answers 404 with an application", answer(404, { api: api() }), "once", said(404)],
  ["answers 429", answer(429, graphError("TooManyRequests")), "again", said(429)],
  ["answers 429, to retry at once", answer(429, "", { "retry-after": "0" }), "again", said(429)],
  ["answers 429, to retry in 7 s", answer(429, "", { "retry-after": "7" }), "once", said(429), /^7$/],
  [
    "answers 429, to retry in an hour",
    answer(429, "", { "retry-after": "3600" }),
    "once",
    said(429),
    /^3600$/,
  ],
  ["answers 500", answer(500, graphError("InternalServerError")), "once", said(500)],
  ["answers 503", answer(503, graphError("serviceNotAvailable")), "again", said(503)],
  ["answers 503 with an application", answer(503, { api: api() }), "again", said(503)],
  ["answers 504", answer(504), "again", said(504)],
];

const permission = /Application\.Read\.All/;
const accessDenied: Row[] = [
  ["answers 401", answer(401, graphError("InvalidAuthenticationToken")), "once", permission],
  ["answers 401 with an application", answer(401, { api: api() }), "once", permission],
  ["answers 403", answer(403, graphError("Authorization_RequestDenied")), "once", permission],
];

// The reads for an agent: one for an application, two more for an agent identity, which get fewer faults here.
const reads = ["applications", "servicePrincipals", "blueprint"] as const;
const furtherFaults = [
  ...["resets the connection", "ends in the middle", "answers 200 in HTML", "answers 307"],
  ...["answers 404 without a body", "answers 503 with an application", "answers 403"],
];
const rows = reads
  .flatMap((read) =>
    [...unavailable, ...accessDenied]
      .filter(([fault]) => read === "applications" || furtherFaults.includes(fault))
      .map((one) => [read, ...one] as const),
  )
  .map(([read, fault, does, attempts, causes, retryAfter], row) => {
    const code = causes === permission ? "directory_access_denied" : "directory_unavailable";
    return { row, read, fault, does, attempts, code, causes, retryAfter };
  });

test("every fault that is named for the further reads exists", () => {
  const further = rows.filter(({ read }) => read !== "applications");
  expect(further).toHaveLength(2 * furtherFaults.length);
});

// After a fault that a retry fixes, or that ends within the time limit.
const tooMany = (retryAfter: string) => answer(429, "", { "retry-after": retryAfter });
const inTwoSeconds: Fault = (response, realAnswer) =>
  tooMany(new Date(Date.now() + 2_000).toUTCString())(response, realAnswer);
const passing: [fault: string, does: Fault, times: number, waits: number][] = [
  ["a broken connection", reset, 2, 100],
  ["half an answer", halfAnAnswer, 1, 50],
  ["429", answer(429), 2, 100],
  ["429, to retry in a second", tooMany("1"), 1, 1_000],
  // A date has whole seconds.
  ["429, to retry at a date", inTwoSeconds, 1, 1_000],
];
const passingRow = rows.length;
const identityRows = rows.flatMap(({ row, read }) => (read === "applications" ? [] : [row]));
const isIdentity = (agent: string) => identityRows.some((row) => agent.startsWith(agentsOfRow(row)));

const suite = faultSuite(
  { GRAPH_TIMEOUT_MS: String(GRAPH_TIMEOUT_MS), GRAPH_CACHE_SECONDS: "3600" },
  agentsOf(passingRow + passing.length).filter((agent) => !isIdentity(agent)),
  { api: api() },
  async (faulty) => {
    for (const { row } of rows) await prepare(faulty, row);
    await sleep(A_SECOND_MS);
  },
  agentIdentitiesOf(identityRows),
);

// These must run alone: nothing listens meanwhile, 10 MB keep this process busy, or the time is measured outside.
const isAlone = ({ fault }: { fault: string }) => /^refuses|10 MB|hangs before/.test(fault);

/** A row's fault, while clients start sessions in every situation. */
async function holds({ row, read, fault, does, attempts, code, causes, retryAfter }: (typeof rows)[number]) {
  const isMeant = (path: string) =>
    read === "blueprint"
      ? path.includes(blueprintOfRow(row))
      : path.includes(`${read}(appId='${agentsOfRow(row)}`);
  const underFault = async () => {
    if (does === "refused") return await suite.faulty.graph.whileRefusing(() => startAll(suite.faulty, row));
    const failing = suite.faulty.graph.fail(({ path }) => isMeant(path), does);
    const started = await startAll(suite.faulty, row);
    failing.end();
    return started;
  };
  const during = await underFault();
  expect(await inWords(suite.faulty, during)).toEqual(
    situations.map((one) => `${one.situation}: ${one.during === "fails" ? `503 ${code}` : one.during}`),
  );
  for (const started of during) {
    const { duration_ms, tables_ms, application_source, graph_attempts } = await recordOf(
      suite.faulty,
      started,
    );
    // With all rows running at once, this process and so the client is slow, so the app's own clock counts.
    const ms = isAlone({ fault }) ? started.ms : duration_ms;
    // Table Storage has its own time limit.
    expect(ms - tables_ms).toBeLessThan(GRAPH_TIMEOUT_MS + GRACE_MS);
    if (started.answer.status === 200) {
      // Cached and opted-out agents cause no request to Graph.
      expect([
        ["cache", null],
        [null, null],
      ]).toContainEqual([application_source, graph_attempts]);
      continue;
    }
    await expectFailure(suite.faulty, started, { code, causes, retryAfter });
    expect(application_source).toBe(null);
    const before = reads.indexOf(read);
    if (attempts === "once") expect(graph_attempts).toBe(before + 1);
    else expect([2, 3, 4, 5, 6]).toContain(graph_attempts - before);
  }
}

test.each(rows.filter(isAlone))("Graph, asked for $read, $fault: $code where Graph decides", holds);

describe.concurrent("Graph", () => {
  test.each(rows.filter((row) => !isAlone(row)))("asked for $read, $fault: $code where Graph decides", holds);
});

// Not concurrent, or it would run during the faults.
describe("a second after Graph", () => {
  beforeAll(() => sleep(A_SECOND_MS));

  test.concurrent.each(rows)("after $read with $fault, everybody is answered as usual", async ({ row }) => {
    expect(await inWords(suite.faulty, await startAll(suite.faulty, row))).toEqual(
      situations.map((one) => `${one.situation}: ${one.after}`),
    );
  });
});

test("a session is stored for each 200, and for no other answer", async () => {
  const answered = suite.faulty.started.flatMap(({ answer }) => answer.body?.session_id ?? []);
  expect(answered.length).toBeGreaterThan(rows.length);
  const stored = (await storedSessions(suite.faulty)).map(({ sessionId }) => sessionId);
  expect(stored.toSorted()).toEqual(answered.toSorted());
});

describe("with time left, after Graph", () => {
  beforeAll(() => suite.faulty.service.stack.restartApp({ GRAPH_TIMEOUT_MS: "8000" }));

  test.concurrent.each(passing.map((row, n) => [...row, passingRow + n] as const))(
    "fails with %s, it is retried, and decides",
    async (_, does, times, waits, row) => {
      await prepare(suite.faulty, row);
      const cold = [agentOf(row, situations[0]), agentOf(row, situations[1])] as const;
      for (const [n, agent] of cold.entries()) {
        const failing = suite.faulty.graph.fail(
          ({ path }) => path.includes(agent),
          onlyTheFirst(times, does),
        );
        const started = await start(suite.faulty, agent, situations[n]?.client ?? "");
        failing.end();
        expect(started.answer.status).toBe(n === 0 ? 200 : 403);
        const record = await recordOf(suite.faulty, started);
        expect(record).toMatchObject({ application_source: "graph", graph_attempts: times + 1 });
        expect(record["graph_ms"]).toBeGreaterThanOrEqual(waits);
      }
    },
  );
});

suite.testTheEnd();
