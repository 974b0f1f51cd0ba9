import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { CLIENT } from "../support/app-registration.ts";
import {
  answer,
  changed,
  type Failing,
  type Fault,
  halfAnAnswer,
  halfAnAnswerUnnoticed,
  hang,
  hangAfterHeaders,
  hangMidway,
  reset,
} from "../support/fault-proxy.ts";
import {
  A_SECOND_MS,
  agentOf,
  agentsOf,
  agentsOfRow,
  expectFailure,
  inWords,
  prepare,
  recordOf,
  situations,
  start,
  startAll,
} from "../support/fault-situations.ts";
import { faultSuite } from "../support/fault-suite.ts";
import { GRACE_MS } from "../support/grace-period.ts";

const GRAPH_TIMEOUT_MS = 2_000;
/** So short that the previous row's token has expired in each row of faults. */
const LIFETIME_MS = 1_000;

let shortLived: Failing;

/** An address that must never receive anything, least of all the secret of the identity endpoint. */
const redirect: Fault = (...given) => suite.redirect(302, "/msi/token")(...given);

const html = "<html><body><h1>Sorry</h1></body></html>";
const inMs = (ms: number) => String((Date.now() + ms) / 1_000);
/** The real answer with a short lifetime and a change. */
const token = (changes: object) =>
  changed((body) => ({ ...(body as object), expires_on: inMs(LIFETIME_MS), ...changes }));
const lasting = { expires_on: inMs(3_600_000) };

type IdentityFault = [fault: string, does: Fault | "refused", causes: RegExp];
const broken = /ECONNRESET|socket hang up|aborted/;
// Either the read's time limit ends first or its caller's, which began before the read. Both say what was missing.
const late = /(could not get a token|no access token was available in time) .*No response within 2000 ms/;
const noToken = /an invalid or expired token/;
const said = (status: number) => new RegExp(`identity endpoint returned ${status}`);
const unavailable: IdentityFault[] = [
  ["refuses the connection", "refused", /ECONNREFUSED/],
  ["resets the connection", reset, broken],
  ["hangs before the headers", hang, late],
  ["hangs after the headers", hangAfterHeaders, late],
  ["hangs in the middle", hangMidway, late],
  ["breaks the connection in the middle", halfAnAnswer, broken],
  ["ends in the middle", halfAnAnswerUnnoticed, /aborted|invalid or expired token/],
  ["answers an empty 200", answer(200), noToken],
  ["answers 200 in HTML", answer(200, html), noToken],
  ["answers null", answer(200, null), noToken],
  ["answers a list", answer(200, []), noToken],
  ["answers an object without a token", answer(200, {}), noToken],
  ["answers an error with 200", answer(200, { statusCode: 400, message: "No." }), noToken],
  ["answers an empty token", token({ access_token: "" }), noToken],
  ["answers a number for a token", token({ access_token: 7, ...lasting }), noToken],
  ["answers an object for a token", token({ access_token: { a: 1 }, ...lasting }), noToken],
  ["answers a token and a header", token({ access_token: "x\r\na: b", ...lasting }), noToken],
  ["answers a token that has expired", token({ expires_on: "1" }), noToken],
  ["answers a token with an invalid expiry", token({ expires_on: "never" }), noToken],
  ["answers a token without expiry", token({ expires_on: undefined }), noToken],
  ["answers 302", redirect, said(302)],
  ["answers 404", answer(404, { statusCode: 404, message: "No." }), said(404)],
  ["answers 429", answer(429, "", { "retry-after": "1" }), said(429)],
  ["answers 500", answer(500, { statusCode: 500, message: "No." }), said(500)],
  ["answers 500 in HTML", answer(500, html), said(500)],
  ["answers 503", answer(503), said(503)],
];
const denied = (status: number) =>
  new RegExp(`Application\\.Read\\.All.*identity endpoint returned ${status}`);
const accessDenied: IdentityFault[] = [
  ["answers 400", answer(400, { statusCode: 400, message: "No identity." }), denied(400)],
  ["answers 400 without a body", answer(400), denied(400)],
  ["answers 401", answer(401, { statusCode: 401, message: "No." }), denied(401)],
  ["answers 403", answer(403, { error: "forbidden", error_description: "No." }), denied(403)],
  ["answers 403 in HTML", answer(403, html), denied(403)],
];
const rows = [...unavailable, ...accessDenied].map(([fault, does, causes], row) => {
  const code = row < unavailable.length ? "directory_unavailable" : "directory_access_denied";
  return { row, fault, does, code, causes };
});
const spareRow = rows.length;
/** An agent of the row that has not been read yet. */
const freshAgentOf = (row: number) => `${agentsOfRow(row)}f`;

const suite = faultSuite(
  { GRAPH_TIMEOUT_MS: String(GRAPH_TIMEOUT_MS), GRAPH_CACHE_SECONDS: "3600" },
  [...agentsOf(spareRow + 1), ...rows.map(({ row }) => freshAgentOf(row))],
  { access_token: "x", ...lasting },
  async (faulty) => {
    shortLived = faulty.identity.fail(() => true, token({}));
    for (const { row } of rows) {
      await prepare(faulty, row);
      await faulty.service.call("POST", "/api/agent/register", { caller: freshAgentOf(row) });
    }
    await sleep(A_SECOND_MS);
  },
);

test.each(rows)(
  "the identity endpoint $fault: $code if Graph decides, and the next token is normal",
  async ({ row, does, code, causes }) => {
    const underFault = async () => {
      if (does === "refused")
        return await suite.faulty.identity.whileRefusing(() => startAll(suite.faulty, row));
      const failing = suite.faulty.identity.fail(() => true, does);
      const started = await startAll(suite.faulty, row);
      failing.end();
      return started;
    };
    await sleep(LIFETIME_MS);
    const graphRequests = suite.faulty.graph.requests;
    const during = await underFault();
    expect(await inWords(suite.faulty, during)).toEqual(
      situations.map((one) => `${one.situation}: ${one.during === "fails" ? `503 ${code}` : one.during}`),
    );
    expect(suite.faulty.graph.requests).toBe(graphRequests);
    for (const started of during) {
      const { tables_ms, graph_attempts } = await recordOf(suite.faulty, started);
      expect(graph_attempts).toBe(null);
      expect(started.ms - tables_ms).toBeLessThan(GRAPH_TIMEOUT_MS + GRACE_MS);
      if (started.answer.status === 503) await expectFailure(suite.faulty, started, { code, causes });
    }
    expect((await start(suite.faulty, freshAgentOf(row), CLIENT)).answer.status).toBe(200);
  },
);

test("a token that is still valid is used while the identity endpoint fails", async () => {
  await sleep(LIFETIME_MS);
  const issuing = suite.faulty.identity.fail(() => true, token({ expires_on: inMs(60_000) }));
  await prepare(suite.faulty, spareRow);
  issuing.end();
  expect(issuing.hits).toBeGreaterThan(0);
  const failing = suite.faulty.identity.fail(() => true, answer(500));
  expect((await start(suite.faulty, agentOf(spareRow, situations[0]), CLIENT)).answer.status).toBe(200);
  failing.end();
  expect(failing.hits).toBe(1);
});

test("a second after the faults, everything is back to normal", async () => {
  shortLived.end();
  await sleep(A_SECOND_MS);
  for (const { row } of rows) {
    expect(await inWords(suite.faulty, await startAll(suite.faulty, row))).toEqual(
      situations.map((one) => `${one.situation}: ${one.after}`),
    );
  }
});

suite.testTheEnd();
