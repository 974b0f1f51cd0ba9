import fc from "fast-check";
import { expect, test } from "vitest";
import type { KnownSession } from "../../src/domain/known-session.ts";
import { applyEvent, applyReading } from "../../src/domain/live-session.ts";
import type { TrackedSession } from "../../src/domain/session.ts";
import { applyDecision, confirmClosing } from "../../src/domain/session-ending.ts";
import { isWatched, statusOf } from "../../src/domain/session-state.ts";
import { CLIENT_IDENTITY, type Happening, SessionWorld, T0 } from "../support/session-world.ts";

const RUNS = process.env["LKPS_VERIFY"] === "1" ? 20_000 : 1_000;
const CHECK_MS = 30_000;

const record = {
  sessionId: "01a20cc8-8e80-7e58-b1a4-90d8e7f6c523",
  participantIdentity: CLIENT_IDENTITY,
  startedAt: new Date(T0),
  expiresAt: new Date(T0 + 600_000),
} as TrackedSession;
const tracked = (known: KnownSession): TrackedSession => ({ ...record, known });

const happening = fc.constantFrom<Happening>(
  "client comes",
  "client comes",
  "agent comes",
  "agent comes",
  "client goes",
  "agent goes",
  "room closes",
  "server dies",
);
/** What happens, which event arrives meanwhile, and whether a check looks, once or on two instances. */
const step = fc.record({
  happening: fc.option(happening),
  delivered: fc.array(fc.nat(40), { maxLength: 4 }),
  check: fc.constantFrom("none", "one", "two", "LiveKit is down", "nobody is listed"),
});

/** The state that LiveKit's rooms say. */
function trueState(world: SessionWorld, hasBeenSeen: boolean): string {
  if (world.room === undefined) return hasBeenSeen ? "ended" : "issued";
  return world.isThere(true) && world.isThere(false) ? "active" : "waiting";
}

test("events in any order, repeated, lead to the same state", () => {
  const history = fc.array(happening, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(history, fc.array(fc.nat(100), { maxLength: 60 }), (happenings, order) => {
      const world = new SessionWorld();
      for (const each of happenings) world.happen(each);
      const { events } = world;
      const inOrder = events.reduce<KnownSession>((known, event) => applyEvent(known, event, record), {});
      const shuffled = [...order.map((n) => events[n % events.length]), ...events.toReversed()];
      const inDisorder = shuffled.reduce<KnownSession>(
        (known, event) => (event === undefined ? known : applyEvent(known, event, record)),
        {},
      );
      expect(inDisorder).toEqual(inOrder);
    }),
    { numRuns: RUNS },
  );
});

test("after two checks the state is what LiveKit says, whatever was lost, repeated or late", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const world = new SessionWorld();
      let known: KnownSession = {};
      for (const { happening, delivered, check } of steps) {
        if (happening !== null) world.happen(happening);
        for (const n of delivered) {
          const event = world.events[n % Math.max(1, world.events.length)];
          if (event !== undefined) known = applyEvent(known, event, record);
        }
        if (check === "none" || check === "LiveKit is down") continue;
        world.nowMs += CHECK_MS;
        const { participants, ...room } = world.read();
        const reading = {
          ...room,
          ...(participants && { participants: check === "nobody is listed" ? [] : participants }),
        };
        known = applyReading(known, reading, record);
        if (check === "two") known = applyReading(known, { ...reading, askedAtMs: world.nowMs + 7 }, record);
      }
      for (let n = 0; n < 2; n++) {
        world.nowMs += CHECK_MS;
        known = applyReading(known, world.read(), record);
      }
      const { state, endReason } = statusOf(tracked(known), T0);
      expect(state).toBe(trueState(world, known.room !== undefined));
      expect(endReason).toBe(state === "ended" ? "left" : null);
    }),
    { numRuns: RUNS },
  );
});

test("an authorized session is never ended, an unauthorized one within three checks, and it stays ended", () => {
  const decision = fc.constantFrom("allowed", "unknown", "denied once", "denied on both instances at once");
  fc.assert(
    fc.property(fc.array(fc.tuple(step, decision), { maxLength: 15 }), fc.array(step), (before, after) => {
      const world = new SessionWorld();
      let known: KnownSession = {};
      const play = ({ happening, delivered, check }: (typeof before)[0][0]) => {
        if (happening !== null) world.happen(happening);
        for (const n of delivered) {
          const event = world.events[n % Math.max(1, world.events.length)];
          if (event !== undefined) known = applyEvent(known, event, record);
        }
        world.nowMs += CHECK_MS;
        if (check !== "LiveKit is down") known = applyReading(known, world.read(), record);
      };
      const decide = (what: "allowed" | "unknown" | "denied", laterMs = 0) => {
        known = applyDecision(tracked(known), what, undefined, world.nowMs + laterMs);
      };
      for (const [each, what] of before) {
        play(each);
        if (what === "allowed" || what === "unknown") decide(what);
        else {
          decide("denied");
          if (what !== "denied once") decide("denied", 19_000);
          // The next check finds it authorized again, or can't decide.
          world.nowMs += CHECK_MS;
          decide("allowed");
        }
        expect(known.closing).toBeUndefined();
      }
      // It is live when the approval is withdrawn.
      world.happen("client comes");
      for (const event of world.events) known = applyEvent(known, event, record);
      for (let check = 0; check < 3; check++) {
        world.nowMs += CHECK_MS;
        decide("denied");
      }
      expect(known.closing).toMatchObject({ reason: "authorization_withdrawn", confirmedAtMs: null });
      expect(statusOf(tracked(known), world.nowMs).state).not.toBe("ended");
      world.deleteRoom();
      known = confirmClosing(known, true, world.nowMs);
      const ended = statusOf(tracked(known), world.nowMs);
      expect(ended).toMatchObject({ state: "ended", endReason: "authorization_withdrawn" });
      for (const each of after) {
        play(each);
        decide("allowed");
        const { state, endReason, endedAtMs } = statusOf(tracked(known), world.nowMs);
        expect({ state, endReason, endedAtMs }).toEqual({
          state: "ended",
          endReason: "authorization_withdrawn",
          endedAtMs: ended.endedAtMs,
        });
        const entryMs = known.lastEntryAtMs ?? 0;
        if (world.nowMs <= entryMs + 12 * 60_000) {
          expect(isWatched(tracked(known), world.nowMs, true)).toBe(true);
        }
      }
    }),
    { numRuns: RUNS },
  );
});
