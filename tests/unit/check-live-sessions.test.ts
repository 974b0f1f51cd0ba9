import { describe, expect, test } from "vitest";
import { claimRecall } from "../../src/domain/agent-recall.ts";
import type { ApiApplication } from "../../src/domain/application.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { api } from "../support/app-registration.ts";
import { LiveStack } from "../support/live-stack.ts";
import { T0 } from "../support/session-world.ts";

const MINUTE = 60_000;
const down = new DependencyError("livekit_unavailable", "LiveKit's API cannot be used");
const unreadable = new DependencyError("directory_unavailable", "Graph cannot be read");
const nobody = { oauth2PermissionScopes: [], preAuthorizedApplications: [] };
const JOINED = ["session_joined", "session_agent_joined"];
const WITHDRAWN = "session_ended authorization_withdrawn";

/** An active session. */
function activeSession(): LiveStack {
  const stack = new LiveStack();
  stack.happen("client comes", "agent comes");
  return stack;
}

test("without webhooks, the check finds who is there and who has left", async () => {
  const stack = new LiveStack();
  for (const each of ["client comes", "agent comes"] as const) stack.world.happen(each);
  await stack.check();
  expect(stack.status).toMatchObject({ state: "active", joinedAtMs: T0 + 500, agentJoinedAtMs: T0 + 1_000 });
  stack.world.happen("agent goes");
  await stack.check();
  expect(stack.status.state).toBe("waiting");
  stack.world.happen("room closes");
  await stack.check();
  expect(stack.status.state).toBe("waiting");
  await stack.check();
  expect(stack.status).toMatchObject({ state: "ended", endReason: "left" });
  expect(stack.events).toEqual([...JOINED, "session_ended left"]);
});

test("however often its participant comes back, the agent that is there is known", async () => {
  const stack = activeSession();
  for (let n = 0; n < 20; n++) stack.happen("client comes");
  await stack.check();
  expect(stack.status.state).toBe("active");
});

test("a session whose room was lost with its server is over, without any event", async () => {
  const stack = activeSession();
  stack.world.happen("server dies");
  await stack.check();
  await stack.check();
  expect([stack.status.endReason, stack.failures]).toEqual(["left", []]);
});

test("a check that finds nothing new writes nothing, and one without live sessions only reads a page", async () => {
  const stack = activeSession();
  await stack.check();
  expect(stack.operations).toEqual(["listLive", "list", "participants"]);
  stack.happen("room closes");
  await stack.check(20 * MINUTE);
  expect(stack.operations.slice(3)).toEqual(["listLive"]);
  expect(stack.failures).toEqual([]);
});

describe("a session whose client is no longer allowed", () => {
  test.each([
    ["the approval was withdrawn", { api: nobody }],
    ["the agent is not registered any more", { registered: "no" as const }],
  ])("is ended at the second check, if %s", async (_, changes) => {
    const stack = Object.assign(activeSession(), changes);
    await stack.check();
    expect(stack.status.state).toBe("active");
    await stack.check();
    expect(stack.status).toMatchObject({ state: "ended", endReason: "authorization_withdrawn" });
    expect(stack.world.present.size).toBe(0);
    await stack.check();
    expect(stack.events).toEqual([WITHDRAWN]);
    expect(stack.operations.filter((each) => each === "close")).toHaveLength(1);
  });

  test("is ended though it is over at every other check, and not for a denial that was taken back meanwhile", async () => {
    const stack = activeSession();
    const check = async (now: ApiApplication, happening?: "room closes" | "client comes") => {
      if (happening !== undefined) stack.happen(happening);
      stack.api = now;
      await stack.check();
      return stack.status;
    };
    await check(nobody);
    await check(api() as ApiApplication, "room closes");
    expect(await check(nobody, "client comes")).toMatchObject({ state: "waiting" });
    expect(await check(nobody, "room closes")).toMatchObject({ endReason: "left" });
    expect(await check(nobody, "client comes")).toMatchObject({ endReason: "authorization_withdrawn" });
  });

  test("is ended before anybody came", async () => {
    const stack = Object.assign(new LiveStack(), { api: nobody });
    await stack.check();
    await stack.check();
    expect(stack.status).toMatchObject({ state: "ended", joinedAtMs: null });
  });

  test("stays, if two instances check at the same time, until the next check", async () => {
    const stack = Object.assign(activeSession(), { api: nobody });
    await Promise.all([stack.check(), stack.check(0)]);
    expect(stack.session.known.closing).toBeUndefined();
    await Promise.all([stack.check(), stack.check(0)]);
    expect(stack.events).toEqual([WITHDRAWN]);
  });

  test.each([
    ["the application", { api: unreadable }],
    ["the registration", { registered: unreadable }],
  ])(
    "stays, if a check between two denials could not read %s, and is never ended by that",
    async (_, changes) => {
      const stack = Object.assign(activeSession(), { api: nobody });
      await stack.check();
      Object.assign(stack, changes);
      for (let n = 0; n < 3; n++) await stack.check();
      expect(stack.failures).toEqual([unreadable, unreadable, unreadable]);
      Object.assign(stack, { registered: "enforced", api: nobody });
      await stack.check();
      expect(stack.status.state).toBe("active");
      await stack.check();
      expect(stack.events).toEqual([WITHDRAWN]);
    },
  );

  test("is ended although LiveKit can't list its participants", async () => {
    const stack = Object.assign(activeSession(), { api: nobody });
    stack.faults.participants = down;
    await stack.check();
    await stack.check();
    expect([stack.events, stack.failures]).toEqual([[WITHDRAWN], [down, down]]);
  });

  test("is not marked as ended until LiveKit has confirmed it", async () => {
    const stack = Object.assign(activeSession(), { api: nobody });
    stack.faults.close = down;
    for (let n = 0; n < 3; n++) await stack.check();
    expect([stack.status.state, stack.status.endReason, stack.events]).toEqual(["active", null, []]);
    expect(stack.failures).toEqual([down, down]);
    delete stack.faults.close;
    await stack.check();
    expect(stack.events).toEqual([WITHDRAWN]);
  });

  test("has ended if the room could only be deleted, and the next check closes it", async () => {
    const stack = Object.assign(activeSession(), { api: nobody, cannotCreate: true });
    await stack.check();
    await stack.check();
    expect([stack.status.state, stack.session.known.closing?.isClosed]).toEqual(["ended", false]);
    stack.cannotCreate = false;
    stack.faults.list = down;
    await stack.check();
    expect([stack.session.known.closing?.isClosed, stack.world.room !== undefined]).toEqual([true, true]);
    expect(stack.events).toEqual([WITHDRAWN]);
  });

  test("stays ended whoever comes back, who is put out again as long as a token can be good", async () => {
    const stack = Object.assign(activeSession(), { api: nobody });
    await stack.check();
    await stack.check();
    for (let n = 0; n < 5; n++) {
      stack.world.happen("client comes");
      await stack.check(5 * MINUTE);
      expect([stack.status.endReason, stack.world.present.size]).toEqual(["authorization_withdrawn", 0]);
    }
    expect(stack.isWatched).toBe(true);
    await stack.check(12 * MINUTE + 1);
    expect(stack.isWatched).toBe(false);
  });

  test.each([
    [10 * MINUTE, 720],
    [30 * MINUTE, 1_860],
  ])("of which the token was good for %i ms is closed for %i s", async (goodForMs, seconds) => {
    const stack = Object.assign(activeSession(), { api: nobody });
    stack.session = { ...stack.session, expiresAt: new Date(T0 + 61_000 + goodForMs - MINUTE) };
    await stack.check();
    await stack.check();
    expect(stack.closedForSeconds).toEqual([seconds]);
    stack.faults.participants = down;
    await stack.check();
    expect(stack.closedForSeconds).toHaveLength(1);
  });

  test("is closed again if LiveKit lost the closed room", async () => {
    const stack = Object.assign(activeSession(), { api: nobody });
    await stack.check();
    await stack.check();
    stack.world.happen("server dies");
    await stack.check();
    expect(stack.world.room).toBeDefined();
  });
});

test("if the app dies between any two steps, the session is ended all the same, and logged once at most", async () => {
  let isOver = false;
  for (let diesAt = 0; !isOver; diesAt++) {
    const stack = Object.assign(activeSession(), { api: nobody });
    await stack.check();
    stack.operations.length = 0;
    stack.diesAt = diesAt;
    await stack.check();
    isOver = stack.operations.length < diesAt;
    stack.diesAt = Number.POSITIVE_INFINITY;
    await stack.check();
    expect(stack.events, `dies at ${diesAt}`).toEqual([WITHDRAWN]);
    expect(stack.session.known.closing?.isClosed).toBe(true);
  }
});

test("a session ends at the first check after the owner's limit, even if Graph can't be read", async () => {
  const stack = Object.assign(activeSession(), { limits: { max_session_minutes: 2 } });
  await stack.check(2 * MINUTE - 1_000);
  expect(stack.status.state).toBe("active");
  await stack.check(1_000);
  expect(stack.events).toEqual(["session_ended duration_limit"]);
});

test("a session that is over its limit is ended although the directory can't be read", async () => {
  const stack = Object.assign(activeSession(), { limits: { max_session_minutes: 1 }, api: unreadable });
  await stack.check(2 * MINUTE);
  expect([stack.events, stack.failures]).toEqual([["session_ended duration_limit"], [unreadable]]);
});

test("if LiveKit can't be asked, the state stays, and clients are decided about", async () => {
  const stack = Object.assign(activeSession(), { api: nobody });
  stack.faults.list = down;
  await stack.check();
  await stack.check();
  expect(stack.events).toEqual([WITHDRAWN]);
  expect(stack.failures).toEqual([down, down]);
});

test("with the check off, sessions are only archived", async () => {
  const stack = Object.assign(activeSession(), { api: nobody, isChecked: false });
  await stack.check(23 * 60 * MINUTE);
  expect([stack.isWatched, stack.status.state]).toEqual([true, "active"]);
  await stack.check(60 * MINUTE);
  expect(stack.isWatched).toBe(false);
  expect(new Set(stack.operations)).toEqual(new Set(["listLive"]));
});

describe("an agent that did not come", () => {
  const dispatch = {
    id: "AD_1",
    agentName: new LiveStack().session.agent,
    metadata: "{}",
    deployment: "",
    createdAtMs: T0,
    jobs: [],
  };
  const waiting = () => {
    const stack = Object.assign(new LiveStack(), { dispatches: [dispatch] });
    stack.happen("client comes");
    return stack;
  };
  const calls = ({ operations }: LiveStack) => operations.filter((each) => each === "dispatch").length;

  test("is called again, three times at most, and each call is logged", async () => {
    const stack = waiting();
    for (let n = 1; n <= 5; n++) {
      await stack.check();
      expect(stack.status.agentRecalls).toBe(Math.min(n, 3));
    }
    expect([calls(stack), stack.events]).toEqual([3, Array(3).fill("session_agent_recalled")]);
  });

  test("is called once by two instances", async () => {
    const stack = waiting();
    await Promise.all([stack.check(), stack.check(0)]);
    expect([calls(stack), stack.status.agentRecalls]).toEqual([1, 1]);
  });

  test("is not called by an instance if another has just done so", async () => {
    const stack = waiting();
    const claimed = () => {
      const known = claimRecall(stack.session.known, "AD_1", stack.world.nowMs);
      stack.session = { ...stack.session, known };
      return [dispatch];
    };
    Object.defineProperty(stack, "dispatches", { get: claimed });
    await stack.check();
    expect(calls(stack)).toBe(0);
  });

  test("is not called if the client is not allowed, or a fact is missing", async () => {
    for (const changes of [{ api: nobody }, { api: unreadable }]) {
      const stack = Object.assign(waiting(), changes);
      await stack.check();
      expect(calls(stack)).toBe(0);
    }
  });

  test("is not called if LiveKit does not list its room, or its first dispatch", async () => {
    const [unlisted, undispatched] = [waiting(), waiting()];
    unlisted.faults.list = down;
    undispatched.dispatches = [];
    for (const stack of [unlisted, undispatched]) await stack.check();
    expect([calls(unlisted), calls(undispatched), undispatched.failures]).toEqual([0, 0, []]);
  });

  test("is not counted if LiveKit did not take the call", async () => {
    const stack = waiting();
    stack.faults.dispatch = down;
    await stack.check();
    expect([calls(stack), stack.status.agentRecalls, stack.events]).toEqual([1, 0, []]);
  });
});
