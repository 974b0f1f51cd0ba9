import { describe, expect, test } from "vitest";
import { authorize } from "../../src/application/authorize.ts";
import { createDecisionRecord } from "../../src/application/use-case-context.ts";
import type { ApiApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { unlimited } from "../../src/domain/graph-reading.ts";
import { AGENT, api, CLIENT } from "../support/app-registration.ts";
import { contextFor, type FakeWorld, fakePorts, STARTED_AT } from "../support/fakes.ts";

const notListed = api({ preAuthorizedApplications: [] }) as ApiApplication;
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

// What is recorded of other decisions and failures: functions/start-session.test.ts.
test.each<[string, Partial<FakeWorld>["reading"], object]>([
  ["of its attempts", { attempts: 3 }, { application_source: "graph", graph_ms: 30, graph_attempts: 3 }],
  [
    "that Graph was not called for what the cache has",
    { source: "cache", attempts: 0 },
    { application_source: "cache", graph_ms: null, graph_attempts: null },
  ],
])("the record of a reading says %s", async (_, reading, noted) => {
  expect((await authorized({ reading: reading ?? {} })).record).toMatchObject(noted);
});

test("a defect of the directory is thrown, and whatever it says of attempts is not recorded", async () => {
  const defect = Object.assign(new Error("A defect"), { attempts: 7 });
  const { result, record } = await authorized({ api: defect });
  expect(result).toBe(defect);
  expect(record).toMatchObject({ graph_ms: null, graph_attempts: null });
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
