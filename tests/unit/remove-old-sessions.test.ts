import { createHttpHeaders } from "@azure/core-rest-pipeline";
import { TableClient } from "@azure/data-tables";
import type { InvocationContext, Timer } from "@azure/functions";
import { expect, test } from "vitest";
import { readStorageTime } from "../../src/adapters/tables/open-stores.ts";
import { tableOperations } from "../../src/adapters/tables/table-operations.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import type { SessionStore } from "../../src/domain/ports.ts";
import type { RegistrationStore } from "../../src/domain/registration.ts";
import type { SessionRemoval } from "../../src/domain/session.ts";
import { removeOldSessions } from "../../src/functions/remove-old-sessions.ts";

const NOW = new Date("2026-11-24T09:00:00.000Z");
const down = new DependencyError("storage_unavailable", "The table sessions cannot be used");
const REMOVED: SessionRemoval = { removed: 7, finished: true };
const STUCK: SessionRemoval = { removed: 7, finished: false, failure: down };

/** Runs the timer on stores that answer this, or throw it. What they removed before when, and what was logged. */
async function run(
  outcome: SessionRemoval | Error,
  tombstones: Error | undefined = undefined,
  storageTime: Date | Error = NOW,
) {
  const [removedBefore, logged, errors]: [string[], unknown[], unknown[]] = [[], [], []];
  const respond = async <T>(response: T | Error, before?: Date) => {
    await Promise.resolve();
    if (before !== undefined) removedBefore.push(before.toISOString());
    if (response instanceof Error) throw response;
    return response;
  };
  const { handler } = removeOldSessions({
    sessions: {
      removeStartedBefore: (before) => respond(outcome, before),
    } as Partial<SessionStore> as SessionStore,
    registrations: {
      removeTombstonesBefore: (before) => respond(tombstones as undefined, before),
    } as Partial<RegistrationStore> as RegistrationStore,
    storageTime: () => respond(storageTime),
    clock: { now: () => NOW, elapsed: () => 0 },
    retentionDays: 90,
    locateError: () => undefined,
  });
  const log = (line: string) => logged.push(JSON.parse(line));
  const error = (line: string) => errors.push(JSON.parse(line));
  const context = { log, warn: log, error } as unknown as InvocationContext;
  const thrown = await Promise.resolve(handler({} as Timer, context)).catch((error: unknown) => error);
  return { removedBefore, logged, errors, thrown };
}

const line = ({ removed, finished }: SessionRemoval) => ({
  event: "sessions_removed",
  started_before: "2026-08-26T09:00:00.000Z",
  removed,
  finished,
  duration_ms: 0,
});
const failureLine = {
  event: "failure",
  decision_id: null,
  code: "storage_unavailable",
  causes: ["DependencyError: The table sessions cannot be used"],
};
const failed = { errors: [failureLine], thrown: down };

test.each<[string, Parameters<typeof run>, object]>([
  ["logs in one line what it removed", [REMOVED], { logged: [line(REMOVED)], errors: [], thrown: undefined }],
  ["that could not remove some says which it did, and fails", [STUCK], { ...failed, logged: [line(STUCK)] }],
  ["that could not remove any sessions fails", [down], { ...failed, logged: [] }],
  [
    "that could not remove tombstones removes sessions, and fails",
    [REMOVED, down],
    { ...failed, logged: [line(REMOVED)] },
  ],
])("a run %s", async (_, outcome, expected) => {
  expect(await run(...outcome)).toEqual({
    removedBefore: ["2026-08-26T09:00:00.000Z", "2026-11-23T09:00:00.000Z"],
    ...expected,
  });
});

test("a run that cannot ask for Table Storage's time removes nothing, and fails", async () => {
  expect(await run(REMOVED, undefined, down)).toEqual({ ...failed, removedBefore: [], logged: [] });
});

const HOUR_MS = 3_600_000;
test.each([HOUR_MS, -HOUR_MS])("goes by Table Storage's clock, which may be %d ms ahead", async (ms) => {
  const { removedBefore } = await run(REMOVED, undefined, new Date(NOW.getTime() + ms));
  expect(removedBefore).toEqual(
    [90, 1].map((days) => new Date(NOW.getTime() + ms - days * 24 * HOUR_MS).toISOString()),
  );
});

test.each([HOUR_MS + 1, -HOUR_MS - 1, 100 * 24 * HOUR_MS])(
  "removes no session and no tombstone if Table Storage's clock is %d ms ahead, and says so in one line",
  async (ms) => {
    const storageTime = new Date(NOW.getTime() + ms);
    expect(await run(REMOVED, undefined, storageTime)).toEqual({
      removedBefore: [],
      logged: [
        { event: "removal_skipped", app_time: NOW.toISOString(), storage_time: storageTime.toISOString() },
      ],
      errors: [],
      thrown: undefined,
    });
  },
);

/** Table Storage that answers with these headers. */
const timeOf = (headers: Record<string, string>) => {
  const table = new TableClient("https://tables.example.com", "sessions", {
    httpClient: {
      sendRequest: async (request) => ({
        request,
        status: 200,
        headers: createHttpHeaders({ "content-type": "application/json", ...headers }),
        bodyAsText: '{"value":[]}',
      }),
    },
  });
  return readStorageTime(tableOperations(table, 3_000));
};

test("Table Storage's clock is the Date of its response; without one, it is not available", async () => {
  expect(await timeOf({ date: "Tue, 24 Nov 2026 09:00:00 GMT" })).toEqual(NOW);
  for (const headers of [{}, { date: "" }, { date: "soon" }])
    await expect(timeOf(headers)).rejects.toMatchObject({ code: "storage_unavailable" });
});
