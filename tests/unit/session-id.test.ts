import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  agentOf,
  isSession,
  partitionKeyAfter,
  partitionKeyOf,
  partitionKeysOf,
  rowKeyAfter,
  rowKeyOf,
} from "../../src/adapters/tables/session-keys.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { limitsIn } from "../../src/domain/registration.ts";
import { sessionIdOf, sessionOfRoom, sessionPositionOf } from "../../src/domain/session.ts";
import { AGENT } from "../support/app-registration.ts";

const agent = AGENT as ClientId;
const T0 = new Date("2026-11-24T09:00:00.000Z");
const at = (ms: number) => new Date(T0.getTime() + ms);

// RFC 9562, appendix A.6.
const FROM_RFC = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
const FROM_RFC_AT = new Date("2022-02-22T19:22:22.000Z");

test.each([
  [`lkps-${agent}-${FROM_RFC}`, { agent, sessionId: FROM_RFC }],
  [`lkps-${"-".repeat(36)}-${FROM_RFC}`, undefined],
  [`x-lkps-${agent}-${FROM_RFC}`, undefined],
  [`lkps-${agent}-${FROM_RFC}-`, undefined],
  [`lkps-${agent}`, undefined],
])("the room %j is of the session %j", (room, expected) => {
  expect(sessionOfRoom(room)).toEqual(expected);
});

test.each<[unknown, object]>([
  [
    { max_session_minutes: 1, max_live_sessions: 10_000, other: 1 },
    { max_session_minutes: 1, max_live_sessions: 10_000 },
  ],
  [
    { max_session_minutes: 0, max_live_sessions: 10_001, max_live_sessions_per_client: 2 },
    { max_live_sessions_per_client: 2 },
  ],
  [{ max_session_minutes: "5", max_live_sessions: 1.5 }, {}],
  [null, {}],
  ["text", {}],
])("of stored limits %j, these are valid: %j", (stored, valid) => {
  expect(limitsIn(stored)).toEqual(valid);
});

describe("the id of a session", () => {
  test("is the UUID of version 7 in RFC 9562's example", () => {
    expect(sessionIdOf(FROM_RFC_AT, "00000000-0000-4cc3-98c4-dc0c0c07398f")).toBe(FROM_RFC);
    expect(sessionPositionOf(FROM_RFC)).toEqual({ sessionId: FROM_RFC, startedAt: FROM_RFC_AT });
  });

  test("contains the millisecond of the start, whatever its random bits", () => {
    const start = fc.integer({ min: 0, max: 2 ** 48 - 1 }).map((ms) => new Date(ms));
    fc.assert(
      fc.property(start, fc.uuid({ version: 4 }), (startedAt, randomUuid) => {
        const sessionId = sessionIdOf(startedAt, randomUuid);
        expect(sessionId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(sessionId.slice(15)).toBe(randomUuid.slice(15));
        expect(sessionPositionOf(sessionId)).toEqual({ sessionId, startedAt });
      }),
    );
  });

  test("gives the session's position, in any letter case", () => {
    expect(sessionPositionOf(FROM_RFC.toUpperCase())).toEqual(sessionPositionOf(FROM_RFC));
  });

  test.each([
    "",
    "nonsense",
    `{${FROM_RFC}}`,
    ` ${FROM_RFC}`,
    `${FROM_RFC}0`,
    FROM_RFC.slice(1),
    FROM_RFC.replace("-7cc3", "-4cc3"),
    FROM_RFC.replace("-7cc3", "-1cc3"),
    FROM_RFC.replace("-98c4", "-78c4"),
    FROM_RFC.replace("-98c4", "-c8c4"),
    FROM_RFC.replace("2", "x"),
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    undefined,
    null,
    7,
  ])("is not %j", (value) => expect(sessionPositionOf(value)).toBeUndefined());
});

describe("the keys of a session", () => {
  test("are derived from the agent and the id alone", () => {
    expect(partitionKeyOf(agent, FROM_RFC)).toBe(`${AGENT}_f`);
    expect(rowKeyOf(FROM_RFC_AT, FROM_RFC)).toBe(`8354442257999_${FROM_RFC}`);
  });

  test("spread an agent's sessions evenly over its 16 partitions, even those of one millisecond", () => {
    const spreads = [() => T0, (n: number) => at(16 * n), (n: number) => at(n)];
    for (const startOf of spreads) {
      const ids = Array.from({ length: 16_000 }, (_, n) => sessionIdOf(startOf(n), randomUUID()));
      const partitions = Map.groupBy(ids, (id) => partitionKeyOf(agent, id));
      expect([...partitions.keys()].sort()).toEqual(partitionKeysOf(agent));
      // 1,000 each on average; 200 is more than six times the standard deviation.
      for (const { length } of partitions.values()) expect(Math.abs(length - 1_000)).toBeLessThan(200);
    }
  });

  test("sort the newest first", () => {
    const rowKeys = [2, 1, 0].map((ms) => rowKeyOf(at(ms), sessionIdOf(at(ms), randomUUID())));
    expect(rowKeys.toSorted()).toEqual(rowKeys);
    expect([...rowKeys, rowKeyAfter(T0)].toSorted().at(-1)).toBe(rowKeyAfter(T0));
    expect([...rowKeys, rowKeyAfter(at(2))].toSorted()[1]).toBe(rowKeyAfter(at(2)));
  });

  test("identify their agent, and other keys do not", () => {
    for (const partitionKey of partitionKeysOf(agent)) {
      expect(agentOf(partitionKey)).toBe(agent);
      expect(partitionKey < partitionKeyAfter(agent)).toBe(true);
    }
    const others = ["", "_0", AGENT, `${AGENT}_`, `${AGENT}_g`, `${AGENT}_A`, `${AGENT}_00`, `${AGENT}-0`];
    for (const other of [...others, `${AGENT.toUpperCase()}_0`, `x${AGENT}_0`])
      expect(agentOf(other), other).toBeUndefined();
  });

  test.each([
    [rowKeyOf(T0, FROM_RFC), T0.toISOString(), true],
    [rowKeyOf(T0, FROM_RFC), at(1).toISOString(), false],
    [rowKeyOf(T0, FROM_RFC), undefined, false],
    [rowKeyOf(T0, FROM_RFC), T0, false],
    [rowKeyOf(T0, FROM_RFC), "soon", false],
    [rowKeyOf(T0, "x"), T0.toISOString(), false],
    [rowKeyOf(T0, `${FROM_RFC}0`), T0.toISOString(), false],
    [`0000000000NaN_${FROM_RFC}`, "soon", false],
    [FROM_RFC, T0.toISOString(), false],
    ["", "", false],
  ])("the row key %j with startedAt %j is a session's: %j", (rowKey, startedAt, is) => {
    expect(isSession(rowKey, startedAt)).toBe(is);
  });
});
