import { expect, test } from "vitest";
import { createDecisionRecord } from "../../src/application/decision-record.ts";
import { evaluateAccess } from "../../src/application/evaluate-access.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { AGENT, CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import { contextFor, decisionsOf, type FakeWorld, fakePorts } from "../support/fakes.ts";

const question = {
  subject: { type: "client_application", id: CLIENT },
  action: { name: "access_as_client" },
  resource: { type: "agent", id: AGENT },
};

async function evaluated(caller: string, changes: object = {}, world: Partial<FakeWorld> = {}) {
  const { ports, asked } = fakePorts(world);
  const record = createDecisionRecord("evaluation", "the-decision");
  const evaluation = { ...question, ...changes };
  const result = await evaluateAccess(ports, caller as ClientId, evaluation, contextFor(record)).catch(
    (error) => error,
  );
  return { result, record, asked };
}

test.each<[string, Partial<FakeWorld>, object, object]>([
  [
    "lets in",
    {},
    { decision: true, code: "pre_authorized", check: null },
    { outcome: "allowed", code: "pre_authorized", check: null },
  ],
  [
    "has opted out",
    { registered: "opted out" },
    { decision: true, code: "enforcement_disabled", check: null },
    { outcome: "allowed", code: "enforcement_disabled" },
  ],
  [
    "is not registered",
    { registered: "no" },
    { decision: false, code: "agent_not_registered", check: null },
    { outcome: "denied", code: "agent_not_registered", check: null },
  ],
  [
    "exposes nothing",
    { api: {} },
    { decision: false, code: "scope_not_exposed", check: 1 },
    { outcome: "denied", code: "scope_not_exposed", check: 1 },
  ],
])(
  "an agent that %s: the decision of a start, to the subject and to the resource alike",
  async (_, world, result, noted) => {
    for (const caller of [CLIENT, AGENT]) {
      const evaluation = await evaluated(caller, {}, world);
      expect(evaluation.result).toEqual(result);
      expect(evaluation.record).toMatchObject({ ...noted, client_app_id: CLIENT, agent_entra_app_id: AGENT });
    }
  },
);

test.each<[string, object]>([
  ["subject type", { subject: { type: "user", id: CLIENT } }],
  ["action", { action: { name: "read" } }],
  ["resource type", { resource: { type: "room", id: AGENT } }],
])("another %s is not applicable, whoever asks, and nothing is looked up", async (_, changes) => {
  for (const caller of [CLIENT, OTHER_CLIENT]) {
    const { result, record, asked } = await evaluated(caller, changes);
    expect(result).toEqual({ decision: false, code: "not_applicable", check: null });
    expect(record).toMatchObject({ outcome: "denied", code: "not_applicable" });
    expect(asked.order).toEqual([]);
  }
});

test.each<[string, string, object]>([
  ["others", OTHER_CLIENT, {}],
  ["a subject that is not an id", AGENT, { subject: { type: "client_application", id: "alice" } }],
  ["a resource that is not an id", CLIENT, { resource: { type: "agent", id: "agent-1" } }],
])("nobody may ask about %s, and nothing is looked up", async (_, caller, changes) => {
  const { result, record, asked } = await evaluated(caller, changes);
  expect(result).toEqual({ decision: false, code: "not_your_decision", check: null });
  expect(record).toMatchObject({ outcome: "rejected", code: "not_your_decision" });
  expect(asked.order).toEqual([]);
});

test("an invalid id is not recorded, because it could be anything", async () => {
  const { record } = await evaluated(AGENT, { subject: { type: "client_application", id: "secret" } });
  expect([record.client_app_id, record.agent_entra_app_id]).toEqual([null, AGENT]);
});

test("ids in upper case are the same", async () => {
  const { result } = await evaluated(CLIENT, {
    subject: { type: "client_application", id: CLIENT.toUpperCase() },
  });
  expect(result).toMatchObject({ decision: true });
});

test("a failure is rethrown and is not a decision", async () => {
  const failure = new Error("storage");
  expect((await evaluated(CLIENT, {}, { registered: failure })).result).toBe(failure);
});

test.each<[string, string, object, Partial<FakeWorld>, unknown]>([
  ["the client that may", CLIENT, {}, {}, ["access_as_client"]],
  ["the agent of one that may", AGENT, {}, {}, ["access_as_client"]],
  ["the agent, which opted out", AGENT, {}, { registered: "opted out" }, ["access_as_client"]],
  ["the client that may not", CLIENT, {}, { api: {} }, []],
  ["the client, where the agent is not registered", CLIENT, {}, { registered: "no" }, []],
  ["anyone, of another type", OTHER_CLIENT, { subject: { type: "user", id: "alice" } }, {}, []],
  ["anyone else", OTHER_CLIENT, {}, {}, { kind: "not_your_decision" }],
  [
    "anyone, about an invalid id",
    CLIENT,
    { resource: { type: "agent", id: "a" } },
    {},
    { kind: "not_your_decision" },
  ],
])("a search of actions by %s (%s)", async (_, caller, changes, world, found) => {
  const search = decisionsOf(fakePorts(world).ports).searchActions;
  const context = contextFor(createDecisionRecord(null, "the-decision"));
  const ask = async (limit: number, after = "") =>
    await search(caller as ClientId, { ...question, ...changes }, { after, limit }, context);
  const isPage = Array.isArray(found);
  expect(await ask(50)).toEqual(isPage ? { kind: "page", ids: found, next: undefined } : found);
  expect(await ask(0)).toEqual(
    isPage ? { kind: "page", ids: [], next: found.length > 0 ? "" : undefined } : found,
  );
  expect(await ask(50, "access_as_client")).toEqual(
    isPage ? { kind: "page", ids: [], next: undefined } : found,
  );
});
