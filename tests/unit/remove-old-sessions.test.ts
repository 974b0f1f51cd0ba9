import type { InvocationContext, Timer } from "@azure/functions";
import { expect, test } from "vitest";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import type { SessionStore } from "../../src/domain/ports.ts";
import type { SessionRemoval } from "../../src/domain/session.ts";
import { removeOldSessions } from "../../src/functions/remove-old-sessions.ts";

const NOW = new Date("2026-11-24T09:00:00.000Z");
const down = new DependencyError("storage_unavailable", "The table sessions cannot be used");

/** Runs the timer on stores that answer this, or throw it. What they were asked, and what was logged. */
async function run(outcome: SessionRemoval | Error, tombstoneFailure?: Error) {
  const [asked, logged, errors]: [Date[], unknown[], unknown[]] = [[], [], []];
  const tombstones: Date[] = [];
  const registrations = {
    removeTombstonesBefore: async (before: Date) => {
      if (tombstoneFailure !== undefined) throw tombstoneFailure;
      await Promise.resolve();
      tombstones.push(before);
    },
  };
  const sessions = {
    removeStartedBefore: async (before: Date) => {
      asked.push(before);
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
  } as unknown as SessionStore;
  const clock = { now: () => NOW, elapsed: () => 0 };
  const { handler } = removeOldSessions({
    sessions,
    registrations,
    clock,
    retentionDays: 90,
    locateError: () => undefined,
  });
  const context = {
    log: (line: string) => logged.push(JSON.parse(line)),
    error: (line: string) => errors.push(JSON.parse(line)),
  } as unknown as InvocationContext;
  const thrown = await Promise.resolve(handler({} as Timer, context)).catch((error: unknown) => error);
  return { asked, tombstones, logged, errors, thrown };
}

const line = (removed: number, finished: boolean) => ({
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

test("a run logs in one line what it removed", async () => {
  const { asked, logged, errors, thrown } = await run({ removed: 7, finished: true });
  expect(asked).toEqual([new Date("2026-08-26T09:00:00.000Z")]);
  expect([logged, errors, thrown]).toEqual([[line(7, true)], [], undefined]);
});

test("a run that could not remove some says what it removed, and fails with what stopped it", async () => {
  const { logged, errors, thrown } = await run({ removed: 7, finished: false, failure: down });
  expect([logged, errors, thrown]).toEqual([[line(7, false)], [failureLine], down]);
});

test("a run that could not start fails", async () => {
  const { logged, errors, thrown } = await run(down);
  expect([logged, errors, thrown]).toEqual([[], [failureLine], down]);
});

test.each<[string, SessionRemoval]>([
  ["", { removed: 7, finished: true }],
  [", also where old sessions can't be", { removed: 7, finished: false, failure: down }],
])("tombstones of registrations are removed after a day%s", async (_, outcome) => {
  expect((await run(outcome)).tombstones).toEqual([new Date("2026-11-23T09:00:00.000Z")]);
});

test("if that fails, old sessions are still removed, and the run fails", async () => {
  const { logged, errors, thrown } = await run({ removed: 7, finished: true }, down);
  expect([logged, errors, thrown]).toEqual([[line(7, true)], [failureLine], down]);
});
