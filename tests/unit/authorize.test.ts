import { describe, expect, test } from "vitest";
import { authorize } from "../../src/application/authorize.ts";
import { createDecisionRecord } from "../../src/application/decision-record.ts";
import type { ApiApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { unlimited } from "../../src/domain/graph-rate-limit.ts";
import { AGENT, api, CLIENT, entry } from "../support/app-registration.ts";
import { contextFor, type FakeWorld, fakePorts, STARTED_AT } from "../support/fakes.ts";

const notListed = api({ preAuthorizedApplications: [] }) as ApiApplication;
const notGranted = api({
  preAuthorizedApplications: [entry({ delegatedPermissionIds: [] })],
}) as ApiApplication;

/** Decides about the client in that world; an error is a result too. */
async function authorized(changes: Partial<FakeWorld>) {
  const { ports, asked } = fakePorts(changes);
  const record = createDecisionRecord("session_start", "the-decision");
  const result = await authorize(ports, AGENT as ClientId, CLIENT as ClientId, contextFor(record)).then(
    ({ decision }) => decision,
    (error: unknown) => error,
  );
  return { result, record, asked };
}

const opened = {
  ...createDecisionRecord("session_start", "the-decision"),
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

describe("decides, and records what the decision is based on", () => {
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
    ["a client that passes all checks", {}, { ...read, code: "pre_authorized" }, permit("pre_authorized")],
    [
      "a client that the third attempt allows",
      { reading: { attempts: 3 } },
      { ...read, code: "pre_authorized", graph_attempts: 3 },
      permit("pre_authorized"),
    ],
    [
      "a client that the cache allows: Graph was not called",
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
    const { result, record } = await authorized(changes);
    expect(result).toEqual(decision);
    expect(record).toEqual({ ...opened, ...noted });
  });
});

test.each([
  ["is not registered", "no", ["find"]],
  ["opted out", "opted out", ["find"]],
  ["enforces", "enforced", ["find", "read"]],
] as const)("an agent that %s: the ports that are called, in order", async (_, registered, order) => {
  const { asked } = await authorized({ registered });
  expect(asked.order).toEqual(order);
  expect(new Set(asked.agents)).toEqual(new Set([AGENT]));
});

describe("how old a reading may be", () => {
  test("a reading that allows the client may be as old as the cache permits: it is read once", async () => {
    const { asked } = await authorized({
      reading: { requestedAt: STARTED_AT - 59_000, source: "cache", attempts: 0 },
    });
    expect(asked.reads.map(({ notBefore }) => notBefore)).toEqual([undefined]);
  });

  test.each<[string, number, (number | undefined)[]]>([
    ["is at most a second older than the request", STARTED_AT - 1_000, [undefined]],
    ["is older, and read again", STARTED_AT - 1_001, [undefined, STARTED_AT - 1_000]],
  ])("one that denies %s", async (_, requestedAt, reads) => {
    const { asked } = await authorized({
      api: notListed,
      reading: { requestedAt, source: "cache", attempts: 0 },
    });
    expect(asked.reads.map(({ notBefore }) => notBefore)).toEqual(reads);
  });

  test("the newer reading decides: a new grant works at once", async () => {
    const { ports, asked, world } = fakePorts({ api: notListed, reading: { requestedAt: 0 } });
    const { read } = ports.applications;
    ports.applications.read = async (agent, limits, notBefore) => {
      if (notBefore !== undefined) Object.assign(world, { api: api(), reading: {} });
      return await read(agent, limits, notBefore);
    };
    const record = createDecisionRecord("session_start", "the-decision");
    const { decision } = await authorize(ports, AGENT as ClientId, CLIENT as ClientId, contextFor(record));
    expect(decision.allowed).toBe(true);
    expect(record).toMatchObject({ graph_attempts: 2, graph_ms: 60 });
    expect(asked.order).toEqual(["find", "read", "read"]);
  });

  test("both reads share one deadline, and are charged to the caller", async () => {
    const { asked } = await authorized({ api: notListed, reading: { requestedAt: 0 } });
    const deadline = STARTED_AT + 2 + 5_000;
    expect(asked.reads).toEqual([
      { deadline, rateLimit: unlimited, notBefore: undefined },
      { deadline, rateLimit: unlimited, notBefore: STARTED_AT - 1_000 },
    ]);
  });
});

describe("without a fact there is no decision", () => {
  const storage = new DependencyError("storage_unavailable", "Table Storage does not answer");
  const tried = new DependencyError("directory_unavailable", "Graph returned 503", { attempts: 3 });
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
    const { result, record, asked } = await authorized(changes);
    expect(result).toBe(error);
    expect(record).toEqual({ ...opened, ...noted });
    expect(asked.order).toEqual(order);
  });
});
