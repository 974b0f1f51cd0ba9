// A run of the check over several pages of sessions, agents, and requests.

import { expect, test } from "vitest";
import { type CheckPorts, checkLiveSessions } from "../../src/application/check-live-sessions.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { RateLimitError } from "../../src/domain/graph-reading.ts";
import type { TrackedSession } from "../../src/domain/session.ts";
import { LiveStack } from "../support/live-stack.ts";
import { CLOSING, T0 } from "../support/session-world.ts";

const agentOf = (n: number) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}` as ClientId;
const active = () => {
  const stack = new LiveStack();
  stack.happen("client comes", "agent comes");
  return stack.session;
};
/** Active sessions, whose agents are numbered. */
const sessionsOf = (...agents: number[]): TrackedSession[] =>
  agents.map((agent, n) => {
    const sessionId = `01a20cc8-8e80-7e58-b1a4-${n.toString(16).padStart(12, "0")}`;
    return { ...active(), agent: agentOf(agent), sessionId, roomName: sessionId };
  });
const numbers = (length: number) => [...Array(length).keys()];

/** Runs the check over pages, and says what it asked for. */
async function check(
  pages: readonly TrackedSession[][],
  {
    number = 0,
    leftPages = Infinity,
    ...changes
  }: Partial<CheckPorts> & { number?: number; leftPages?: number } = {},
) {
  const stack = new LiveStack();
  const ports = stack.ports();
  const asked = {
    waits: [] as number[],
    agents: [] as ClientId[][],
    limits: [] as object[],
    lists: [] as number[],
    participants: [] as string[],
    changed: [] as ClientId[],
  };
  const { readMany } = ports.applications;
  let listed = 0;
  const after = await checkLiveSessions(
    {
      ...ports,
      wait: async (ms) => asked.waits.push(ms),
      applications: {
        readMany: (agents, limits, notBefore) => {
          asked.agents.push([...agents]);
          asked.limits.push({ deadline: limits.deadline, notBefore });
          return readMany(agents, limits, notBefore);
        },
      },
      sessions: {
        listLive: async (page = "0") => {
          listed++;
          const next = Number(page) + 1;
          return { sessions: pages[Number(page)] ?? [], next: next < pages.length ? `${next}` : undefined };
        },
        change: async (agent) => {
          asked.changed.push(agent);
          return undefined;
        },
      },
      rooms: {
        ...ports.rooms,
        list: async (names) => {
          asked.lists.push(names.length);
          const room = active().known.room ?? { sid: "", createdAtMs: 0 };
          return new Map(names.map((name) => [name, { ...room, participants: name.endsWith("0") ? 0 : 1 }]));
        },
        participants: async (name) => {
          asked.participants.push(name);
          return [];
        },
      },
      ...changes,
    },
    {
      number,
      after: undefined,
      shouldContinue: () => listed <= leftPages,
      log: () => {},
      reportFailure: (error) => stack.failures.push(error),
    },
  );
  return { ...asked, after, failures: stack.failures };
}

test("each agent is read once in a run, 20 together, after one wait, for this run", async () => {
  const run = await check([sessionsOf(...numbers(45), 1, 2), sessionsOf(3, 4), sessionsOf(5, 45)]);
  expect(run.agents).toEqual([
    numbers(20).map(agentOf),
    numbers(20).map((n) => agentOf(n + 20)),
    [40, 41, 42, 43, 44].map(agentOf),
    [agentOf(45)],
  ]);
  expect(run.waits).toEqual([1_000]);
  expect(new Set(run.limits.map((each) => JSON.stringify(each)))).toEqual(
    new Set([JSON.stringify({ deadline: T0 + 5_000, notBefore: T0 })]),
  );
  expect([run.after, run.failures]).toEqual([undefined, []]);
});

test("without checks, and for sessions that are being ended, nothing is read", async () => {
  const ending = sessionsOf(1).map((session) => ({
    ...session,
    known: { ...session.known, closing: CLOSING },
  }));
  for (const run of [await check([sessionsOf(1)], { isChecked: false }), await check([ending])])
    expect([run.agents, run.waits]).toEqual([[], []]);
});

test("LiveKit is asked for 200 rooms at a time, and of 500 sessions for everybody in them", async () => {
  const run = await check([sessionsOf(...numbers(500).fill(1))]);
  expect([run.lists, run.participants.length]).toEqual([[200, 200, 100], 500]);
});

test("of more, for those in every fifth room of a session that looks active", async () => {
  const sessions = sessionsOf(...numbers(501).fill(1));
  const times = new Map<string, number>();
  for (const number of numbers(5)) {
    const run = await check([sessions], { number });
    expect(run.participants.length).toBeLessThan(200);
    for (const name of run.participants) times.set(name, (times.get(name) ?? 0) + 1);
  }
  // LiveKit counts nobody in rooms whose name ends with 0.
  for (const { roomName } of sessions)
    expect(times.get(roomName), roomName).toBe(roomName.endsWith("0") ? 5 : 1);
  const waiting = sessions.map(({ known: { connections: _, ...known }, ...session }) => ({
    ...session,
    known,
  }));
  expect((await check([waiting])).participants).toHaveLength(501);
});

const nobody = { oauth2PermissionScopes: [], preAuthorizedApplications: [] };
const { applications: denying } = Object.assign(new LiveStack(), { api: nobody }).ports();

test("enforcement that is off allows every client, and a session that is gone is no failure", async () => {
  const registration = { limits: {}, deployments: [], registeredAt: new Date(T0), updatedAt: new Date(T0) };
  const find = async (agent: ClientId) => ({
    ...registration,
    agent,
    enforceClientAuthz: agent !== agentOf(1),
  });
  const run = await check([sessionsOf(1, 2, 3)], { applications: denying, registrations: { find } });
  expect([run.changed, run.failures]).toEqual([[agentOf(2), agentOf(3)], []]);
});

test("a run whose time is over continues with the page that it did not finish", async () => {
  const run = await check([sessionsOf(1), sessionsOf(2, 3)], { leftPages: 1, applications: denying });
  expect([run.after, run.lists, run.participants.length, run.changed]).toEqual(["1", [1], 1, [agentOf(1)]]);
});

test("a directory that leaves an agent out is a defect", async () => {
  const silent = check([sessionsOf(1)], { applications: { readMany: async () => [] } });
  await expect(silent).rejects.toThrow("returned no result");
});

test("a spent rate limit is waited for, and only those are read again that it refused", async () => {
  const { applications } = new LiveStack().ports();
  const asked: number[] = [];
  const failing = new Error("Graph cannot be read");
  const run = await check([sessionsOf(1, 2, 3)], {
    applications: {
      readMany: async (agents, ...more) => {
        asked.push(agents.length);
        if (asked.length === 1) throw new RateLimitError(4_000);
        const [first, ...others] = await applications.readMany(agents, ...more);
        if (asked.length > 2 || first === undefined) return [{ status: "rejected", reason: failing }];
        return [
          first,
          ...others.map(() => ({ status: "rejected", reason: new RateLimitError(2_000) }) as const),
        ]
          .slice(0, 2)
          .concat(others.slice(1));
      },
    },
  });
  expect([asked, run.waits, run.failures]).toEqual([[3, 3, 1], [1_000, 4_000, 2_000], [failing]]);
});
