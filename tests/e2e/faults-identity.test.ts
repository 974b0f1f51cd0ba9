import { setTimeout as sleep } from "node:timers/promises";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Listening, listen } from "../../tools/listen.ts";
import { api } from "../support/app-registration.ts";
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
  agentsOf,
  expectFailure,
  GRACE_MS,
  inWords,
  prepare,
  recordOf,
  situations,
  startAll,
} from "../support/fault-situations.ts";
import { type FaultyService, startFaultyService } from "../support/faulty-service.ts";

const GRAPH_TIMEOUT_MS = 600;

let faulty: FaultyService;
let trap: Listening;
let trapped = 0;

/** To where nothing may ever arrive, let alone the secret of the identity endpoint. */
const redirect: Fault = (response, realAnswer) =>
  answer(302, "", { location: `${trap.url}/msi/token` })(response, realAnswer);

const html = "<html><body><h1>Sorry</h1></body></html>";
const seconds = (fromNow: number) => String(Math.floor(Date.now() / 1_000) + fromNow);
const token = (changes: object): Fault =>
  changed((body) => ({ ...(body as object), ...changes }));
/** Good for so short a time that the next read needs another. */
const shortLived = changed((body) => ({ ...(body as object), expires_on: seconds(2) }));

type IdentityFault = [fault: string, does: Fault | "refused", causes: RegExp];
const unavailable: IdentityFault[] = [
  ["refuses the connection", "refused", /./],
  ["resets the connection", reset, /./],
  ["hangs before the headers", hang, /./],
  ["hangs after the headers", hangAfterHeaders, /./],
  ["hangs in the middle", hangMidway, /./],
  ["breaks off in the middle", halfAnAnswer, /./],
  ["ends in the middle", halfAnAnswerUnnoticed, /./],
  ["answers an empty 200", answer(200), /./],
  ["answers 200 in HTML", answer(200, html), /./],
  ["answers null", answer(200, null), /./],
  ["answers a list", answer(200, []), /./],
  ["answers an object without a token", answer(200, {}), /./],
  ["answers an error with 200", answer(200, { statusCode: 400, message: "No." }), /./],
  ["answers an empty token", token({ access_token: "" }), /./],
  ["answers a number for a token", token({ access_token: 7 }), /./],
  ["answers an object for a token", token({ access_token: { a: 1 } }), /./],
  ["answers a token for a header of its own", token({ access_token: "x\r\nclient-id: y" }), /./],
  ["answers a token that has expired", token({ expires_on: "1" }), /./],
  ["answers a token that never expires", token({ expires_on: "never" }), /./],
  ["answers a token without expiry", token({ expires_on: undefined }), /./],
  ["answers 302", redirect, /./],
  ["answers 404", answer(404, { statusCode: 404, message: "No." }), /./],
  ["answers 429", answer(429, "", { "retry-after": "1" }), /./],
  ["answers 500", answer(500, { statusCode: 500, message: "No." }), /./],
  ["answers 500 in text", answer(500, "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.x"), /./],
  ["answers 503", answer(503, html), /./],
];
const accessDenied: IdentityFault[] = [
  ["answers 400", answer(400, { statusCode: 400, message: "No identity." }), /Application\.Read\.All.*No identity/],
  ["answers 400 without a body", answer(400), /Application\.Read\.All.*answered 400/],
  ["answers 401", answer(401, { statusCode: 401, message: "No." }), /Application\.Read\.All.*answered 401/],
  ["answers 403", answer(403, { error: "forbidden", error_description: "No." }), /Application\.Read\.All.*answered 403/],
  ["answers 403 in HTML", answer(403, html), /Application\.Read\.All.*answered 403/],
];
const rows = [...unavailable, ...accessDenied].map(([fault, does, causes], row) => {
  const code = row < unavailable.length ? "directory_unavailable" : "directory_access_denied";
  return { row, fault, does, code, causes };
});

let renewing: Failing;

beforeAll(async () => {
  trap = await listen(
    createServer((_, response) => {
      trapped++;
      response.end(JSON.stringify({ access_token: "x", expires_on: seconds(3_600) }));
    }),
    0,
  );
  faulty = await startFaultyService(
    { GRAPH_TIMEOUT_MS: String(GRAPH_TIMEOUT_MS), GRAPH_CACHE_SECONDS: "3600" },
    agentsOf(rows.length).map((agent) => ({ id: agent, appId: agent, displayName: agent, api: api() })),
  );
  renewing = faulty.identity.fail(() => true, shortLived);
  for (const { row } of rows) await prepare(faulty, row);
}, 60_000);

test.each(rows)("x $fault", async ({ row, does }) => {
  await sleep(2_100);
  const go = async () => {
    if (does === "refused") return await faulty.identity.whileRefusing(() => startAll(faulty, row));
    const f = faulty.identity.fail(() => true, does);
    const r = await startAll(faulty, row);
    f.end();
    return r;
  };
  const d = await go();
  const w = await inWords(faulty, d);
  const rec = await recordOf(faulty, d[0]!);
    const f = rec["status"] === 503 ? (await faulty.failureOf(rec["decision_id"]))["causes"] : [];
  console.log(rows[row]?.fault, Math.round(d[0]!.ms), w.map((x) => x.split(": ")[1]).join(","), JSON.stringify(f), rec["graph_attempts"]);
});
