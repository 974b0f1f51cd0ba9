import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AGENT, api, CLIENT } from "../support/app-registration.ts";
import { late } from "../support/fault-proxy.ts";
import {
  type FaultyService,
  type LogLine,
  start,
  startFaultyService,
  storedSessions,
} from "../support/faulty-service.ts";

let faulty: FaultyService;

beforeAll(async () => {
  const application = { id: AGENT, appId: AGENT, displayName: "Agent", api: api() };
  faulty = await startFaultyService({}, [application]);
  await faulty.service.call("POST", "/api/agent/register", { caller: AGENT });
  // Enough time to disconnect at every stage.
  faulty.tables.fail(() => true, late(20));
});
afterAll(() => faulty?.close());

/** Sends a request with all or part of its body, and disconnects after `ms`. */
async function leave(
  path: string,
  caller: string,
  body: string,
  { ms, part = 1 }: { ms: number; part?: number },
) {
  const { appUrl, functionKey } = faulty.service.stack;
  const socket = connect(Number(new URL(appUrl).port), "127.0.0.1");
  socket.on("error", () => {});
  const head = [
    `POST ${path} HTTP/1.1`,
    "host: localhost",
    `x-functions-key: ${functionKey}`,
    `client-id: ${caller}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
  ];
  await new Promise((sent) =>
    socket.write(`${head.join("\r\n")}\r\n\r\n${body.slice(0, body.length * part)}`, sent),
  );
  await sleep(ms);
  socket.destroy();
}

/** The app's records of an event, once there are that many. */
async function records(event: string, count: number): Promise<LogLine[]> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    const found = faulty.service.lines.filter((line) => line.startsWith(`{"event":"${event}"`));
    if (found.length >= count) return found.map((line) => JSON.parse(line));
    await sleep(50);
  }
  throw new Error(`There are no ${count} records of ${event}`);
}

test("clients that disconnect at any time leave complete sessions: log and tables agree", async () => {
  const body = JSON.stringify({ agent_entra_app_id: AGENT });
  const times = Array.from({ length: 100 }, (_, n) => n);
  await Promise.all([
    ...times.map((ms) => leave("/api/session/start", CLIENT, body, { ms })),
    ...times.map((ms) => leave("/api/session/start", CLIENT, body, { ms, part: ms / 100 })),
  ]);
  const started = await records("session_start", times.length);
  // Those with an incomplete body don't count as requests.
  await sleep(200);
  expect((await records("session_start", 1)).length).toBe(times.length);
  expect(new Set(started.map(({ status, outcome }) => `${status} ${outcome}`))).toEqual(
    new Set(["200 session"]),
  );
  const stored = (await storedSessions(faulty)).map(({ sessionId }) => sessionId);
  expect(stored.toSorted()).toEqual(started.map(({ session_id }) => session_id).toSorted());
});

test("agents that disconnect at any time are registered as requested, or not at all", async () => {
  const body = JSON.stringify({ service_config: { enforce_client_authz: false } });
  const agents = Array.from(
    { length: 100 },
    (_, n) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  );
  const before = (await records("agent_registered", 1)).length;
  await Promise.all(
    agents.map((agent, n) =>
      leave("/api/agent/register", agent, body, { ms: n, part: n % 2 === 0 ? 1 : n / 100 }),
    ),
  );
  const registered = (await records("agent_registered", before + 50)).slice(before);
  expect(registered.map(({ agent_entra_app_id }) => agent_entra_app_id).toSorted()).toEqual(
    agents.filter((_, n) => n % 2 === 0),
  );
  const answers = await Promise.all(
    agents.map((caller) => faulty.service.call("GET", "/api/agent/registration", { caller })),
  );
  expect(answers.map(({ status, body }) => [status, body.service_config?.enforce_client_authz])).toEqual(
    agents.map((_, n) => (n % 2 === 0 ? [200, false] : [404, undefined])),
  );
});

test("everyone else is served as usual", async () => {
  expect((await start(faulty, AGENT, CLIENT)).answer.status).toBe(200);
  expect(faulty.crashes()).toEqual([]);
});
