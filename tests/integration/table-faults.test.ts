// What LKPS makes of each answer of Table Storage: a failure with its cause, never a registration or a stored session.

import { describe, expect, test } from "vitest";
import { createRegistrationTable } from "../../src/adapters/tables/registration-table.ts";
import { createSessionTable } from "../../src/adapters/tables/session-table.ts";
import { createTableClient } from "../../src/adapters/tables/table-operations.ts";
import { systemClock } from "../../src/adapters.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { SessionRecord } from "../../src/domain/session.ts";
import { CLIENT, serviceConfig } from "../support/app-registration.ts";
import { azuriteTables } from "../support/azurite-tables.ts";
import * as proxy from "../support/fault-proxy.ts";
import { GRACE_MS } from "../support/grace-period.ts";

const TIMEOUT_MS = 5_000;
const T0 = new Date("2026-11-24T09:00:00.000Z");
const tables = azuriteTables();

const error = (status: number, code: string): Row => [
  `${status} ${code}`,
  proxy.answer(status, { "odata.error": { code, message: { lang: "en-US", value: "No." } } }),
  said(`${status} ${code}`),
];
const plain = (status: number, body: unknown = "", headers?: Record<string, string>): Row => [
  `${status} ${JSON.stringify(body)} ${JSON.stringify(headers ?? {})}`,
  proxy.answer(status, body, headers),
  said(`${status}`),
];
const html = "<html><body><h1>Sorry</h1></body></html>";
const json = { "content-type": "application/json" };
const late = new RegExp(`No response within ${TIMEOUT_MS} ms`);
// The SDK tries some again, for which it may take all the time.
const orLate = (causes: string) => new RegExp(`${causes}|${late.source}`);
const said = (what: string) => orLate(`Table Storage returned ${what}$`);

type Row = [fault: string, does: proxy.Fault, causes: RegExp];
const anywhere: Row[] = [
  ["no connection", proxy.reset, orLate("ECONNRESET|socket hang up")],
  ["no answer to what was executed", proxy.lostAnswer, orLate("ECONNRESET|socket hang up")],
  ["nothing", proxy.hang, late],
  error(400, "InvalidInput"),
  error(401, "NoAuthenticationInformation"),
  error(403, "AuthorizationFailure"),
  plain(403, html),
  // A code that does not belong to the status counts for nothing.
  ["403 ResourceNotFound", error(403, "ResourceNotFound")[1], said("403")],
  ["500 ResourceNotFound", error(500, "ResourceNotFound")[1], said("500")],
  ...[301, 404, 409, 504].map((status) => plain(status)),
  plain(404, html),
  error(404, "NotFound"),
  plain(404, { code: "ResourceNotFound" }),
  error(409, "TableBeingDeleted"),
  error(412, "UpdateConditionNotSatisfied"),
  error(429, "TooManyRequests"),
  plain(429, "", { "retry-after": "0" }),
  ["429, to retry in an hour", proxy.answer(429, "", { "retry-after": "3600" }), late],
  error(500, "InternalError"),
  plain(500, html),
  error(503, "ServerBusy"),
];
const unreadable = /unreadable response/;
const notAsked = /a different entity/;
const onRead: Row[] = [
  ["its headers and nothing more", proxy.hangAfterHeaders, late],
  ["half of it and nothing more", proxy.hangMidway, late],
  ["half of it and a broken connection", proxy.halfAnAnswer, unreadable],
  ["half of it", proxy.halfAnAnswerUnnoticed, unreadable],
  ...[plain(200), plain(200, html), plain(200, null), plain(204)].map(
    ([fault, does]): Row => [fault, does, /./],
  ),
  ["malformed JSON", proxy.answer(200, '{"enforceClientAuthz":false', json), unreadable],
  ["a list", proxy.answer(200, [{ enforceClientAuthz: false }]), notAsked],
  ["an opt-out without an agent", proxy.answer(200, { enforceClientAuthz: false }), notAsked],
  ["an opt-out of another", proxy.answer(200, { PartitionKey: CLIENT, enforceClientAuthz: false }), notAsked],
];
// Conflicts, whatever says so: nothing else was written.
const onWrite: Row[] = [error(409, "EntityAlreadyExists"), error(404, "ResourceNotFound")];
const rows = [
  ...anywhere.map((row) => [...row, true, true] as const),
  ...onRead.map((row) => [...row, true, false] as const),
  ...onWrite.map((row) => [...row, false, true] as const),
].map((row, n) => [...row, n] as const);

/** What went wrong, outermost first. */
function causesOf(error: unknown): string {
  return error instanceof Error ? [error.message, causesOf(error.cause)].filter(Boolean).join(" < ") : "";
}

describe.concurrent("Table Storage that answers", () => {
  test.each(rows)("%s", async (_, does, causes, isOfReads, isOfWrites, n) => {
    const agent = `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}` as ClientId;
    const name = `faults${String(n).padStart(2, "0")}`;
    const table = createTableClient(tables.throughProxy, name);
    await createTableClient(tables.direct, name).createTable();
    const registrations = createRegistrationTable(table, TIMEOUT_MS, systemClock);
    const patient = createRegistrationTable(table, 60_000, systemClock);
    const rules = {
      isLive: () => true,
      isCounted: () => true,
      openUntilMs: Number,
      takeTurn: <T>(_: unknown, work: () => Promise<T>) => work(),
    };
    const sessions = createSessionTable(table, TIMEOUT_MS, rules);
    await patient.put(agent, serviceConfig(true), T0);
    const before = await patient.find(agent);

    const expectFailures = async (isMeant: (method: string) => boolean, work: () => Promise<unknown>[]) => {
      const isOwn = (one: { method: string; path: string }) => one.path.includes(name) && isMeant(one.method);
      const failing = tables.proxy.fail(isOwn, does);
      const startedAt = performance.now();
      const outcomes = await Promise.allSettled(work());
      failing.end();
      expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + GRACE_MS);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ status: "rejected", reason: { code: "storage_unavailable" } });
        expect(causesOf((outcome as PromiseRejectedResult).reason.cause)).toMatch(causes);
      }
    };
    const optOut = () => registrations.put(agent, serviceConfig(false), new Date());
    if (isOfReads)
      await expectFailures(
        (method) => method === "GET",
        () => [registrations.find(agent), optOut()],
      );
    expect(await patient.find(agent)).toEqual(before);
    if (!isOfWrites) return;
    const session = {
      sessionId: "01a20cc8-8e80-7e58-b1a4-90d8e7f6c523",
      agent,
      startedAt: T0,
      expiresAt: T0,
    };
    await expectFailures(
      (method) => method !== "GET",
      () => [optOut(), registrations.remove(agent, new Date()), sessions.add(session as SessionRecord)],
    );
    if (does !== proxy.lostAnswer) expect(await patient.find(agent)).toEqual(before);
  });
});
