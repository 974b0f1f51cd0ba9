import { describe, expect, test } from "vitest";
import { judge } from "../../src/application/judge.ts";
import { type ApiApplication, indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { openRecord } from "../../src/domain/decision-record.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { AGENT, api, CLIENT, entry } from "../support/app-registration.ts";
import { type FakeWorld, fakePorts } from "../support/fakes.ts";

const ARRIVED_AT = new Date("2026-11-24T09:00:05.000Z");
const notListed = api({ preAuthorizedApplications: [] }) as ApiApplication;
const notGranted = api({
  preAuthorizedApplications: [entry({ delegatedPermissionIds: [] })],
}) as ApiApplication;

/** Judges the client in that world; what is thrown is the result too. */
async function judged(changes: Partial<FakeWorld>) {
  const { ports, asked } = fakePorts(changes);
  const record = openRecord("session_start", "the-decision");
  const result = await judge(ports, AGENT as ClientId, CLIENT as ClientId, ARRIVED_AT, record).catch(
    (error: unknown) => error,
  );
  return { result, record, asked };
}

const opened = {
  ...openRecord("session_start", "the-decision"),
  agent_entra_app_id: AGENT,
  client_app_id: CLIENT,
};
const enforced = { enforce_client_authz: true, tables_ms: 2 };
const read = {
  ...enforced,
  application_source: "graph",
  application_read_at: "2026-11-24T09:00:00.000Z",
  application_digest: "sha256:of-this",
  graph_ms: 30,
  graph_attempts: 1,
};
const permit = (basis: string) => ({
  allowed: true,
  permit: { agent: AGENT, client: CLIENT, basis },
});

describe("decides, and notes what the decision rests on", () => {
  test.each<[string, Partial<FakeWorld>, Record<string, unknown>, object]>([
    [
      "an agent that is not registered",
      { registered: "no" },
      { code: "agent_not_registered", tables_ms: 2 },
      { allowed: false, code: "agent_not_registered", check: null },
    ],
    [
      "an agent that opted out",
      { registered: "opted out" },
      { code: "enforcement_disabled", enforce_client_authz: false, tables_ms: 2 },
      permit("enforcement_disabled"),
    ],
    [
      "an agent without an application",
      { api: "gone", reading: { digest: null } },
      { ...read, code: "agent_application_not_found", application_digest: null },
      { allowed: false, code: "agent_application_not_found", check: null },
    ],
    [
      "a client that is not listed",
      { api: notListed },
      { ...read, code: "client_not_pre_authorized", check: 2 },
      { allowed: false, code: "client_not_pre_authorized", check: 2 },
    ],
    [
      "a client without the scope",
      { api: notGranted },
      { ...read, code: "scope_not_granted", check: 3 },
      { allowed: false, code: "scope_not_granted", check: 3 },
    ],
    ["a client that all checks let in", {}, { ...read, code: "pre_authorized" }, permit("pre_authorized")],
    [
      "a client that a third try let in",
      { reading: { attempts: 3 } },
      { ...read, code: "pre_authorized", graph_attempts: 3 },
      permit("pre_authorized"),
    ],
    [
      "a client that the cache lets in: Graph was not asked",
      { reading: { source: "cache", attempts: 0 } },
      {
        ...read,
        code: "pre_authorized",
        application_source: "cache",
        graph_ms: null,
        graph_attempts: null,
      },
      permit("pre_authorized"),
    ],
  ])("%s", async (_, changes, noted, decision) => {
    const { result, record } = await judged(changes);
    expect(result).toEqual(decision);
    expect(record).toEqual({ ...opened, ...noted });
  });
});

test.each([
  ["is not registered", "no", ["find"]],
  ["opted out", "opted out", ["find"]],
  ["enforces", "enforced", ["find", "read"]],
] as const)("an agent that %s: the ports asked are, in order", async (_, registered, order) => {
  const { asked } = await judged({ registered });
  expect(asked.order).toEqual(order);
  expect(new Set(asked.agents)).toEqual(new Set([AGENT]));
});

test("a reading must let the client in, or be at most a second older than the request", async () => {
  const { asked } = await judged({});
  expect(asked.needs).toEqual([
    { allows: expect.any(Function), denyNotBefore: new Date("2026-11-24T09:00:04.000Z") },
  ]);
  const [need] = asked.needs;
  const verdicts = [api() as ApiApplication, notListed, notGranted, null].map((one) =>
    need?.allows(one === null ? null : indexApplication(one)),
  );
  expect(verdicts).toEqual([true, false, false, false]);
});

describe("without a fact there is no decision", () => {
  const storage = new DependencyError("storage_unavailable", "Table Storage does not answer");
  const tried = new DependencyError("directory_unavailable", "Graph answered 503", { attempts: 3 });
  const untried = new DependencyError("directory_unavailable", "Asked a moment ago");
  // Whatever it says of attempts is not what the directory says.
  const defect = Object.assign(new Error("A defect"), { attempts: 7 });

  test.each<[string, Partial<FakeWorld>, Error, Record<string, unknown>, string[]]>([
    ["no registration", { registered: storage }, storage, { tables_ms: 2 }, ["find"]],
    [
      "no application after three tries",
      { api: tried },
      tried,
      { ...enforced, graph_ms: 30, graph_attempts: 3 },
      ["find", "read"],
    ],
    ["no application, Graph was not asked", { api: untried }, untried, enforced, ["find", "read"]],
    ["a defect of the directory", { api: defect }, defect, enforced, ["find", "read"]],
  ])("%s", async (_, changes, error, noted, order) => {
    const { result, record, asked } = await judged(changes);
    expect(result).toBe(error);
    expect(record).toEqual({ ...opened, ...noted });
    expect(asked.order).toEqual(order);
  });
});
