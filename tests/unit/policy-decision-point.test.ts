import { expect, test } from "vitest";
import { createDecisionRecord } from "../../src/application/decision-record.ts";
import { createPolicyDecisionPoint } from "../../src/application/policy-decision-point.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { AGENT, CLIENT, OTHER_CLIENT, serviceConfig } from "../support/app-registration.ts";
import { contextFor, fakePorts, NOW } from "../support/fakes.ts";

type Name = "searchSubjects" | "searchResources" | "searchActions";
const whole = {
  subject: { type: "client_application", id: CLIENT },
  action: { name: "access_as_client" },
  resource: { type: "agent", id: AGENT },
};
const other = { type: "room", id: AGENT };
const NOTHING = { kind: "page", ids: [], next: undefined };

async function search(name: Name, caller: string, changes: object = {}) {
  const { ports, asked } = fakePorts();
  const registration = {
    agent: AGENT as ClientId,
    ...serviceConfig(true),
    registeredAt: NOW,
    updatedAt: NOW,
  };
  const { read } = ports.applications;
  const decisions = createPolicyDecisionPoint({
    ...ports,
    tablesTimeoutMs: 3_000,
    registrations: { ...ports.registrations, list: async () => [registration] },
    applications: {
      read,
      readMany: async (agents, limits) =>
        await Promise.allSettled(agents.map((agent) => read(agent, limits))),
    },
  });
  const context = contextFor(createDecisionRecord(null, "the-decision"));
  const result = await decisions[name](
    caller as ClientId,
    { ...whole, ...changes },
    { after: "", limit: 50 },
    context,
  );
  return { result, isRead: asked.order.length > 0 };
}

test.each<[Name, string, object, unknown]>([
  ["searchSubjects", AGENT, {}, { kind: "page", ids: [CLIENT], next: undefined }],
  [
    "searchSubjects",
    AGENT,
    { resource: { ...whole.resource, id: AGENT.toUpperCase() } },
    { kind: "page", ids: [CLIENT], next: undefined },
  ],
  ["searchResources", CLIENT, {}, { kind: "page", ids: [AGENT], next: undefined }],
  ["searchActions", CLIENT, {}, { kind: "page", ids: ["access_as_client"], next: undefined }],
  ["searchActions", AGENT, {}, { kind: "page", ids: ["access_as_client"], next: undefined }],
  ["searchActions", OTHER_CLIENT, { subject: { ...whole.subject, id: OTHER_CLIENT } }, NOTHING],
])("%s finds, for %s and %j, what a start would be", async (name, caller, changes, found) => {
  expect((await search(name, caller, changes)).result).toEqual(found);
});

test.each<[Name, string, object, unknown]>([
  ["searchSubjects", CLIENT, {}, { kind: "not_your_decision" }],
  ["searchSubjects", AGENT, { resource: { type: "agent", id: "x" } }, { kind: "not_your_decision" }],
  ["searchResources", AGENT, {}, { kind: "not_your_decision" }],
  ["searchResources", OTHER_CLIENT, {}, { kind: "not_your_decision" }],
  ["searchActions", OTHER_CLIENT, {}, { kind: "not_your_decision" }],
  // Of another type or action there is nothing to find, whoever asks.
  ["searchSubjects", OTHER_CLIENT, { resource: other }, NOTHING],
  ["searchResources", OTHER_CLIENT, { action: { name: "read" } }, NOTHING],
  ["searchActions", OTHER_CLIENT, { resource: other }, NOTHING],
])("%s reads nothing for %s and %j: %j", async (name, caller, changes, answer) => {
  expect(await search(name, caller, changes)).toEqual({ result: answer, isRead: false });
});
