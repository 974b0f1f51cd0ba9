import { expect, test } from "vitest";
import { placeChange, type RowValues } from "../../src/adapters/tables/registration-order.ts";
import { serviceConfig } from "../support/app-registration.ts";

/** Opted out, enforced, removed, from the loosest to the strictest. */
type State = "off" | "on" | "removed";
const configOf = (state: State) => (state === "removed" ? undefined : serviceConfig(state === "on"));

const NOW = Date.UTC(2026, 10, 24, 9);
const OWN = "own";
const rowOf = (state: State, atMs: number, writer: string, rivals?: RowValues["rivals"]): RowValues => ({
  registration:
    state === "removed" ? undefined : { ...serviceConfig(state === "on"), registeredAt: new Date(NOW) },
  updatedAtMs: NOW + atMs,
  writtenBy: writer,
  rivals: rivals && { ...rivals, latestMs: NOW + rivals.latestMs },
  createdBy: "first",
});
const place = (state: State, atMs: number, row: RowValues | undefined, nowMs = 0) =>
  placeChange(
    { id: `${OWN}_2`, requestedAtMs: NOW + atMs, serviceConfig: configOf(state) },
    row,
    OWN,
    NOW + nowMs,
  );

/** Replaces the row; replaces it, and remembers another instance's change; keeps the row's values, and remembers this change. */
type Outcome = "replaces" | "replaces a rival" | "is kept" | "overtaken" | "refuse";
function outcomeOf(placement: ReturnType<typeof place>): Outcome {
  if (placement.action !== "write") return placement.action;
  const { writtenBy, rivals } = placement.row;
  if (writtenBy !== `${OWN}_2`) return "is kept";
  return rivals === undefined ? "replaces" : "replaces a rival";
}

const states: State[] = ["off", "on", "removed"];
const pairs = states.flatMap((asked) => states.map((there) => [asked, there] as const));
const isLooser = (asked: State, there: State) => states.indexOf(asked) < states.indexOf(there);

test.each(pairs)("of one instance, the order of arrival counts: %s on %s", (asked, there) => {
  // The clock may have been set back.
  expect(outcomeOf(place(asked, -5_000, rowOf(there, 0, `${OWN}_1`)))).toBe("replaces");
  expect(outcomeOf(place(asked, 5_000, rowOf(there, 0, `${OWN}_3`)))).toBe("overtaken");
});

test.each(pairs)("of two instances more than 2 s apart, the times count: %s on %s", (asked, there) => {
  expect(outcomeOf(place(asked, 2_001, rowOf(there, 0, "other_1"), 2_001))).toBe("replaces");
  expect(outcomeOf(place(asked, -2_001, rowOf(there, 0, "other_1")))).toBe("overtaken");
});

test.each<[State, State, before: Outcome, same: Outcome, after: Outcome]>([
  ["off", "off", "is kept", "is kept", "replaces a rival"],
  ["on", "on", "is kept", "is kept", "replaces a rival"],
  ["removed", "removed", "is kept", "is kept", "replaces a rival"],
  ["off", "on", "refuse", "refuse", "refuse"],
  ["off", "removed", "refuse", "refuse", "refuse"],
  ["on", "removed", "refuse", "refuse", "refuse"],
  ["on", "off", "refuse", "replaces a rival", "replaces a rival"],
  ["removed", "off", "refuse", "replaces a rival", "replaces a rival"],
  ["removed", "on", "refuse", "replaces a rival", "replaces a rival"],
])(
  "of two instances within 2 s, %s on %s, seemingly before, at the same time, after",
  (asked, there, ...outcomes) => {
    for (const apartMs of [2_000, 1]) {
      const at = (atMs: number) => outcomeOf(place(asked, atMs, rowOf(there, 0, "other_1")));
      expect([at(-apartMs), at(0), at(apartMs)]).toEqual(outcomes);
    }
  },
);

test.each(pairs)(
  "what is stamped more than 2 s in the future yields unless the change is looser: %s on %s",
  (asked, there) => {
    const expected = isLooser(asked, there) ? "refuse" : "replaces a rival";
    expect(outcomeOf(place(asked, 0, rowOf(there, 2_001, "other_1")))).toBe(expected);
  },
);

test.each<[State, rival: State, ageMs: number, Outcome]>([
  ["off", "off", 2_000, "replaces a rival"],
  ["off", "on", 2_000, "refuse"],
  ["on", "on", 2_000, "replaces a rival"],
  ["on", "removed", 2_000, "refuse"],
  ["removed", "on", 2_000, "replaces a rival"],
  ["off", "removed", 2_001, "replaces"],
])(
  "a change after one of its own instance, %s, that won over a rival, %s, %d ms before: %s",
  (asked, rival, ageMs, expected) => {
    const rivals = { latestMs: -ageMs, strictness: states.indexOf(rival) };
    expect(outcomeOf(place(asked, 0, rowOf("removed", -1, `${OWN}_1`, rivals)))).toBe(expected);
  },
);

test("a row remembers the latest and the strictest of its rivals", () => {
  const row = rowOf("removed", -10, "other_1", { latestMs: -20, strictness: 1 });
  expect(place("removed", 0, row)).toMatchObject({ row: { rivals: { latestMs: NOW - 10, strictness: 2 } } });
  expect(place("removed", -15, row)).toMatchObject({
    row: { writtenBy: "other_1", updatedAtMs: NOW - 10, rivals: { latestMs: NOW - 15, strictness: 2 } },
  });
});

test("the time and the creator of the first registration stay until it is removed", () => {
  expect(place("on", 5_000, rowOf("off", 0, "other_1"), 5_000)).toMatchObject({
    row: { registration: { registeredAt: new Date(NOW) }, createdBy: "first" },
  });
  const anew = { registration: { registeredAt: new Date(NOW + 5_000) }, createdBy: `${OWN}_2` };
  expect(place("on", 5_000, rowOf("removed", 0, "other_1"), 5_000)).toMatchObject({ row: anew });
  expect(place("on", 5_000, undefined, 5_000)).toMatchObject({ row: anew });
});
