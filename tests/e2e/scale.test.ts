import { setTimeout as sleep } from "node:timers/promises";
import { TableClient, type TransactionAction } from "@azure/data-tables";
import { afterAll, beforeAll, expect, test } from "vitest";
import { partitionKeyOf, rowKeyOf } from "../../src/adapters/tables/session-keys.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import {
  type Operations,
  operationsOf,
  operationsOfRemoval,
  type Request,
} from "../../tools/scale/operations.ts";
import { api } from "../support/app-registration.ts";
import { type FaultyService, startFaultyService } from "../support/faulty-service.ts";
import { BUSY, calls, OPTED_OUT, QUIET, type Step, steps } from "../support/scale-steps.ts";
import { send } from "../support/service.ts";

let faulty: FaultyService;

beforeAll(async () => {
  faulty = await startFaultyService(
    { GRAPH_CACHE_SECONDS: "3600" },
    [BUSY, QUIET, OPTED_OUT].map((agent) => ({ id: agent, appId: agent, displayName: agent, api: api() })),
  );
});
afterAll(() => faulty?.close());

/** Starts the app anew. What was counted before that is not its doing. */
async function restart(cacheSeconds: number): Promise<Operations> {
  const before = counted();
  await faulty.service.stack.restartApp({ GRAPH_CACHE_SECONDS: String(cacheSeconds) });
  return before;
}

const counted = (): Operations => ({
  tables: faulty.tables.requests,
  graph: faulty.graph.requests,
  identity: faulty.identity.requests,
});
const minus = (a: Operations, b: Operations): Operations => ({
  tables: a.tables - b.tables,
  graph: a.graph - b.graph,
  identity: a.identity - b.identity,
});

/** Sends a step's requests, and counts what they lead to at Table Storage, Graph and the identity endpoint. */
async function play({ kind, agent, times = 1, status = 200 }: Step): Promise<Operations> {
  const before = counted();
  const [method, path, caller, body] = calls[kind](agent);
  const call = () => faulty.service.call(method, path, { caller, body });
  const answers = await Promise.all(Array.from({ length: times }, call));
  // The second run finds the agents registered.
  const right = status === 201 ? [200, 201] : [status];
  for (const answer of answers) expect(right, `${kind}: ${answer.text}`).toContain(answer.status);
  return minus(counted(), before);
}

const requestsOf = (some: readonly Step[]): Request[] =>
  some.flatMap((step) => Array.from({ length: step.times ?? 1 }, () => step));

/** Plays all steps in their time: what each led to, and what the model says, at the identity endpoint all together. */
async function compare(cacheSeconds: number) {
  const before = await restart(cacheSeconds);
  const modelOf = (end: number) =>
    operationsOf(requestsOf(steps.slice(0, end)), { cacheSeconds, newTables: 0 });
  const measured: unknown[] = [];
  const modelled: unknown[] = [];
  let at = 0;
  for (const [n, step] of steps.entries()) {
    if (step.at > at) await sleep(1_100);
    at = step.at;
    const { tables, graph } = await play(step);
    const model = minus(modelOf(n + 1), modelOf(n));
    const name = `${n}: ${step.times ?? 1} ${step.kind}`;
    measured.push({ name, tables, graph });
    modelled.push({ name, tables: model.tables, graph: model.graph });
  }
  // The token may be asked for as soon as the app starts.
  measured.push({ identity: minus(counted(), before).identity });
  modelled.push({ identity: modelOf(steps.length).identity });
  return { measured, modelled };
}

test("the first requests of all make the tables, as often as the model says", async () => {
  const first: Step[] = [
    { at: 0, kind: "agentRegistered", agent: OPTED_OUT, status: 201 },
    { at: 0, kind: "sessionStartedOptedOut", agent: OPTED_OUT },
  ];
  for (const step of first) await play(step);
  const { tables, graph } = operationsOf(first, { cacheSeconds: 3_600, newTables: 2 });
  expect(counted()).toMatchObject({ tables, graph });
});

test.each([
  ["a cache of an hour", 3_600],
  ["no cache", 0],
])(
  "with %s, requests ask Table Storage, Graph and the identity endpoint as often as the model says",
  { timeout: 30_000 },
  async (_, cacheSeconds) => {
    const { measured, modelled } = await compare(cacheSeconds);
    expect(measured).toEqual(modelled);
  },
);

test("the timer asks Table Storage as often as the model says", { timeout: 30_000 }, async () => {
  const old = 101;
  await storeOldSessions(old);
  const before = counted();
  const { appUrl, masterKey } = faulty.service.stack;
  const headers = { "x-functions-key": masterKey };
  await send(`${appUrl}/admin/functions/removeOldSessions`, "POST", { input: "" }, headers);
  const line = () => faulty.service.lines.find((one) => one.includes("sessions_removed"));
  await expect.poll(line, { timeout: 10_000 }).toContain(`"removed":${old},"finished":true`);
  expect(counted().tables - before.tables).toBe(operationsOfRemoval(3, [old]));
});

/** Sessions of long ago, in one partition of an agent, past the proxy. */
async function storeOldSessions(count: number): Promise<void> {
  const { connectionString } = faulty.service.stack.azurite;
  const table = TableClient.fromConnectionString(connectionString, "sessions", {
    allowInsecureConnection: true,
  });
  const startedAt = new Date(Date.UTC(2020, 0));
  const actions = Array.from({ length: count }, (_, n): TransactionAction => {
    const sessionId = `00000000-0000-7000-8000-${String(n).padStart(11, "0")}0`;
    const keys = {
      partitionKey: partitionKeyOf(QUIET as ClientId, sessionId),
      rowKey: rowKeyOf(startedAt, sessionId),
    };
    return ["create", { ...keys, startedAt: startedAt.toISOString() }];
  });
  for (let n = 0; n < count; n += 100) await table.submitTransaction(actions.slice(n, n + 100));
}
