import { TableClient } from "@azure/data-tables";
import { expect } from "vitest";
import { agentIdentity, api, CLIENT, OTHER_CLIENT } from "./app-registration.ts";
import type { FaultyService, LogLine, Started } from "./faulty-service.ts";

/** An agent is read once a second, and a denial rests on nothing older: after this time, everything is back to normal. */
export const A_SECOND_MS = 1_100;

const APPROVED = "200 pre_authorized";
const NOT_APPROVED = "403 client_not_pre_authorized";
const OPTED_OUT = "200 enforcement_disabled";

/** What a client gets while Graph, or the connection to it, fails: `fails` if the failure decides. */
export const situations = [
  { situation: "enforced, cold, an approved client", client: CLIENT, during: "fails", after: APPROVED },
  { situation: "enforced, cold, another client", client: OTHER_CLIENT, during: "fails", after: NOT_APPROVED },
  { situation: "enforced, warm, an approved client", client: CLIENT, during: APPROVED, after: APPROVED },
  { situation: "enforced, warm, another client", client: OTHER_CLIENT, during: "fails", after: NOT_APPROVED },
  { situation: "opted out, cold, any client", client: OTHER_CLIENT, during: OPTED_OUT, after: OPTED_OUT },
  { situation: "opted out, warm, any client", client: OTHER_CLIENT, during: OPTED_OUT, after: OPTED_OUT },
] as const;

export type Situation = (typeof situations)[number];

/** The agent of one row of faults in one situation; all of a row's begin with {@link agentsOfRow}. */
export const agentOf = (row: number, { situation }: Situation) =>
  `${agentsOfRow(row)}${situations.findIndex((one) => one.situation === situation)}`;
export const agentsOfRow = (row: number) => `a9e17000-0000-4000-8000-${String(row).padStart(11, "0")}`;

/** All agents of that many rows. */
export const agentsOf = (rows: number) =>
  Array.from({ length: rows }, (_, row) => situations.map((situation) => agentOf(row, situation))).flat();

/** The blueprint of one row's agent identities. */
export const blueprintOfRow = (row: number) => `b1e00000-0000-4000-8000-${String(row).padStart(12, "0")}`;

/** Agent identities in place of applications for these rows, and their blueprints. */
export const agentIdentitiesOf = (rows: readonly number[]) =>
  rows.flatMap((row) => {
    const appId = blueprintOfRow(row);
    const agents = situations.map((situation) => agentOf(row, situation));
    return [
      { id: appId, appId, displayName: appId, api: api() },
      ...agents.map((agent) => agentIdentity({ id: agent, appId: agent, agentIdentityBlueprintId: appId })),
    ];
  });

const register = (faulty: FaultyService, caller: string, optOut: boolean) =>
  faulty.service.call("POST", "/api/agent/register", {
    caller,
    body: optOut ? { service_config: { enforce_client_authz: false } } : {},
  });

/** Registers the row's agents, and brings those that are to be warm into the cache of applications. */
export async function prepare(faulty: FaultyService, row: number): Promise<void> {
  const prepareOne = async (one: Situation) => {
    const agent = agentOf(row, one);
    const optsOut = one.situation.startsWith("opted out");
    const isWarm = one.situation.includes("warm");
    if (isWarm) {
      await register(faulty, agent, false);
      expect((await start(faulty, agent, CLIENT)).answer.status).toBe(200);
    }
    if (!isWarm || optsOut) await register(faulty, agent, optsOut);
  };
  await Promise.all(situations.map(prepareOne));
}

export async function start(faulty: FaultyService, agent: string, caller: string): Promise<Started> {
  const startedAt = performance.now();
  const body = { agent_entra_app_id: agent };
  const answer = await faulty.service.call("POST", "/api/session/start", { caller, body });
  const started = { agent, answer, ms: performance.now() - startedAt };
  faulty.started.push(started);
  return started;
}

/** A client starts a session in each situation, all at the same time. */
export const startAll = (faulty: FaultyService, row: number) =>
  Promise.all(situations.map((one) => start(faulty, agentOf(row, one), one.client)));

/** The answers in words, with the basis of a session from its record. */
export async function inWords(faulty: FaultyService, started: readonly Started[]): Promise<string[]> {
  const words = started.map(async (one, n) => {
    const { status, body } = one.answer;
    const code = status === 200 ? (await recordOf(faulty, one))["code"] : body?.code;
    return `${situations[n]?.situation}: ${status} ${code}`;
  });
  return await Promise.all(words);
}

/** The record of a session's start: the session's own, or the agent's latest that failed. */
export async function recordOf(faulty: FaultyService, { agent, answer }: Started): Promise<LogLine> {
  const { status, body } = answer;
  const records = await faulty.recordsOf(
    agent,
    "session_start",
    (line) => line["status"] === status && line["session_id"] === (body?.session_id ?? null),
  );
  return records.at(-1) as LogLine;
}

/**
 * Checks a 503, its record, and its failure line, which must contain one of `causes`.
 * @returns the record
 */
export async function expectFailure(
  faulty: FaultyService,
  started: Started,
  { code, causes, retryAfter = /^1$/ }: { code: string; causes: RegExp; retryAfter?: RegExp | undefined },
): Promise<LogLine> {
  const { answer } = started;
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("retry-after")).toMatch(retryAfter);
  expect(answer.body).toMatchObject({ status: 503, code });
  expect(answer.text).not.toMatch(/server_url|participant_token/);
  const record = await recordOf(faulty, started);
  expect(record).toMatchObject({ status: 503, outcome: "failed", code, check: null, session_id: null });
  const failure = await faulty.failureOf(record["decision_id"]);
  expect(failure).toEqual({
    event: "failure",
    decision_id: record["decision_id"],
    code,
    causes: expect.any(Array),
  });
  expect(failure["causes"].join(" < ")).toMatch(causes);
  return record;
}

/** All sessions that are stored. */
export async function storedSessions({
  service,
}: FaultyService): Promise<{ sessionId: string; agent: string }[]> {
  const options = { allowInsecureConnection: true };
  const table = TableClient.fromConnectionString(service.stack.azurite.connectionString, "sessions", options);
  const sessions = [];
  for await (const { partitionKey = "", sessionId } of table.listEntities<{ sessionId: string }>()) {
    sessions.push({ sessionId, agent: partitionKey.split("_")[0] ?? "" });
  }
  return sessions;
}
