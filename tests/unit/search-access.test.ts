import { beforeEach, describe, expect, test } from "vitest";
import { rehearse } from "../../src/application/rehearse.ts";
import {
  type Page,
  type PageRequest,
  type SearchPorts,
  searchSubjects,
} from "../../src/application/search-access.ts";
import { searchResources } from "../../src/application/search-resources.ts";
import { type ApiApplication, indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import {
  type ApplicationSnapshot,
  type GraphRateLimit,
  RateLimitError,
  type ReadLimits,
  unlimited,
} from "../../src/domain/graph-reading.ts";
import type { Registration } from "../../src/domain/registration.ts";
import type { ClientActivity } from "../../src/domain/session.ts";
import { api, CLIENT, entry, OTHER_CLIENT, SCOPE_ID } from "../support/app-registration.ts";

const NOW = new Date("2026-11-24T09:00:00.000Z");
const client = CLIENT as ClientId;
const ARRIVED_AT = 1_000_000;
const tooMany = new RateLimitError(2_500);
const unavailable = new DependencyError("directory_unavailable", "Graph returned 503");
const agentOf = (n: number) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}` as ClientId;
const clientOf = (n: number) => `c11e0000-0000-4000-8000-${String(n).padStart(12, "0")}` as ClientId;

/** What an agent is like: lets its clients in, lists none, lists them without the scope, has opted out, and so on. */
type Kind =
  | "allows"
  | "denies"
  | "grants nothing"
  | "opted out"
  | "gone"
  | "without a blueprint"
  | "unreadable"
  | "too many";

let agents: Map<ClientId, Kind>;
let clients: ClientId[];
/** How old each reading might be; `undefined` for as old as the directory lets it serve. */
let notBefores: (number | undefined)[];
/** How old what the directory keeps is. */
let keptFor: number;
let readTogether: (readonly ClientId[])[];
let allLimits: ReadLimits[];
let listed: [after: ClientId | undefined, limit: number][];

const registrationOf = ([agent, kind]: [ClientId, Kind]): Registration => ({
  agent,
  enforceClientAuthz: kind !== "opted out",
  limits: {},
  deployments: [],
  registeredAt: NOW,
  updatedAt: NOW,
});
function snapshotOf(agent: ClientId, notBefore: number | undefined): ApplicationSnapshot {
  const kind = agents.get(agent);
  if (kind === "unreadable") throw unavailable;
  if (kind === "too many") throw tooMany;
  const delegatedPermissionIds = kind === "allows" ? [SCOPE_ID] : [];
  const preAuthorizedApplications =
    kind === "denies" ? [] : clients.map((appId) => entry({ appId, delegatedPermissionIds }));
  const application = indexApplication(api({ preAuthorizedApplications }) as ApiApplication);
  const bare = { kind: "agent_identity", disabledBy: [], blueprint: null, application: null } as const;
  const found = kind === "without a blueprint" ? bare : ({ kind: "application", application } as const);
  const identity = kind === "gone" ? null : found;
  const requestedAt = notBefore === undefined ? ARRIVED_AT - keptFor : ARRIVED_AT;
  return { identity, readAt: NOW, requestedAt, digest: null, source: "graph", attempts: 1 };
}
/** How long each reading of many takes. */
let readingMs: number;
let elapsed = ARRIVED_AT;
/** How many requests the caller has left. */
let left: number;
const rateLimit: GraphRateLimit = { ...unlimited, remaining: () => left };
const context = { arrivedAt: ARRIVED_AT, rateLimit };
const ports: SearchPorts = {
  clock: { elapsed: () => elapsed },
  graphTimeoutMs: 5_000,
  registrations: {
    find: async (agent) => [...agents].filter(([id]) => id === agent).map(registrationOf)[0],
    list: async (after, limit) => {
      listed.push([after, limit]);
      const rest = [...agents].filter(([id]) => after === undefined || id > after);
      return rest.slice(0, limit).map(registrationOf);
    },
  },
  applications: {
    read: async (agent, limits, notBefore) => {
      notBefores.push(notBefore);
      allLimits.push(limits);
      return snapshotOf(agent, notBefore);
    },
    readMany: async (which, limits, notBefore) => {
      notBefores.push(notBefore);
      allLimits.push(limits);
      readTogether.push(which);
      elapsed += readingMs;
      return await Promise.allSettled(which.map(async (agent) => snapshotOf(agent, notBefore)));
    },
  },
};
const question = (client: ClientId, agent: ClientId) => ({
  subject: { type: "client_application", id: client },
  action: { name: "access_as_client" },
  resource: { type: "agent", id: agent },
});
const ofClient = question(client, agentOf(0));
const page = (ids: readonly ClientId[], next: string | undefined) => ({ kind: "page", ids, next });
const first: PageRequest = { after: "", limit: 50 };

beforeEach(() => {
  readingMs = 0;
  left = 200;
  agents = new Map();
  clients = [client];
  notBefores = [];
  keptFor = 0;
  readTogether = [];
  listed = [];
  allLimits = [];
});

describe("the clients of an agent", () => {
  const search = (kind: Kind | undefined, wanted: PageRequest = first) => {
    if (kind !== undefined) agents.set(agentOf(1), kind);
    return searchSubjects(ports, agentOf(1), question(client, agentOf(1)), wanted, context);
  };

  test("are read from Graph only if enforcement is on, as fresh as for a denial", async () => {
    await search(undefined);
    await search("opted out");
    expect(notBefores).toEqual([]);
    await search("allows");
    expect(notBefores).toEqual([ARRIVED_AT - 1_000]);
    expect(allLimits).toEqual([{ deadline: elapsed + 5_000, rateLimit }]);
  });

  test("with a limit of one, continue after that one", async () => {
    clients = [1, 2].map(clientOf);
    expect(await search("allows", { after: "", limit: 1 })).toEqual(page([clientOf(1)], clientOf(1)));
  });

  test("of a last page that is full have no next page, and come in the order of their ids", async () => {
    clients = [2, 1].map(clientOf);
    expect(await search("allows", { after: "", limit: 2 })).toEqual(page([1, 2].map(clientOf), undefined));
  });

  test.each([
    ["", ""],
    [clientOf(1), clientOf(1)],
    [clientOf(2), undefined],
  ])("with a limit of zero after %j, continue there, if there are any", async (after, next) => {
    clients = [1, 2].map(clientOf);
    expect(await search("allows", { after, limit: 0 })).toEqual({ kind: "page", ids: [], next });
  });

  test("that cannot be read are a failure", async () => {
    await expect(search("unreadable")).rejects.toBe(unavailable);
  });
});

describe("the agents of a client", () => {
  const search = async (wanted: PageRequest = first) =>
    (await searchResources(ports, client, ofClient, wanted, context)) as Page;
  const world = (...kinds: Kind[]) => {
    agents = new Map(kinds.map((kind, n) => [agentOf(n), kind]));
  };

  test("are none where no agent is registered, or none that enforces is read", async () => {
    expect(await search()).toEqual(page([], undefined));
    world("opted out");
    expect(await search()).toEqual(page([agentOf(0)], undefined));
    expect(readTogether).toEqual([]);
  });

  test("are read 20 at a time, as fresh as for a denial if they don't allow it", async () => {
    world(...Array<Kind>(45).fill("allows"));
    expect((await search()).ids).toHaveLength(45);
    expect(readTogether.map((which) => which.length)).toEqual([20, 20, 5]);
    expect(listed).toEqual([
      [undefined, 20],
      [agentOf(19), 20],
      [agentOf(39), 20],
    ]);
    expect(notBefores).toEqual([undefined, undefined, undefined]);
    expect(allLimits[0]).toEqual({ deadline: elapsed + 5_000, rateLimit });
  });

  test.each<[string, number, number[][]]>([
    ["is at most a second old", 1_000, [[0, 1, 3, 4, 5, 6]]],
    [
      "is older: those that it denies are read again, together",
      1_001,
      [
        [0, 1, 3, 4, 5, 6],
        [1, 4, 5],
      ],
    ],
  ])("of a cached reading and %s", async (_, age, together) => {
    world("allows", "denies", "opted out", "allows", "gone", "grants nothing", "allows");
    keptFor = age;
    expect((await search()).ids).toHaveLength(4);
    expect(readTogether).toEqual(together.map((which) => which.map(agentOf)));
    expect(notBefores).toEqual([undefined, ARRIVED_AT - 1_000].slice(0, together.length));
  });

  test("end a page early if the caller reaches its rate limit, and the next page continues from there", async () => {
    world("allows", "denies", "opted out", "denies", "too many", "opted out");
    expect(await search()).toEqual(page([0, 2].map(agentOf), agentOf(3)));
    agents.set(agentOf(4), "allows");
    expect(await search({ after: agentOf(3), limit: 50 })).toEqual(page([4, 5].map(agentOf), undefined));
  });

  test("end a page early even if none was found yet, if one was decided about", async () => {
    world("denies", "too many");
    expect(await search()).toEqual(page([], agentOf(0)));
  });

  test("are too many reads if none could be decided about", async () => {
    world("too many", "allows");
    await expect(search()).rejects.toBe(tooMany);
  });

  test("are read a few at a time by a caller that has little left, but at least one", async () => {
    world(...Array<Kind>(7).fill("allows"));
    for (const [remaining, sizes] of [
      [0, [1, 1, 1, 1, 1, 1, 1]],
      [8, [2, 2, 2, 1]],
      [9, [3, 3, 1]],
      [60, [7]],
    ] as const) {
      left = remaining;
      readTogether = [];
      expect((await search()).ids).toHaveLength(7);
      expect(readTogether.map((which) => which.length)).toEqual(sizes);
    }
  });

  test("end a page early if the caller can't pay for any of the next agents", async () => {
    world(...Array<Kind>(3).fill("allows"));
    left = 4;
    const { readMany } = ports.applications;
    const poor = {
      ...ports.applications,
      readMany: async (...read: Parameters<typeof readMany>) => {
        if (readTogether.length === 2) throw tooMany;
        return await readMany(...read);
      },
    };
    const found = await searchResources({ ...ports, applications: poor }, client, ofClient, first, context);
    expect(found).toEqual(page([0, 1].map(agentOf), agentOf(1)));
  });

  test("are never allowed where the directory leaves one out", async () => {
    world("allows", "allows");
    const applications = { ...ports.applications, readMany: async () => [] };
    await expect(
      searchResources({ ...ports, applications }, client, ofClient, first, context),
    ).rejects.toThrow("no result");
  });

  test("come a page at a time, and a next page is never empty", async () => {
    world("allows", "denies", "allows", "denies", "allows", "denies", "denies");
    expect(await search({ after: "", limit: 2 })).toEqual(page([agentOf(0), agentOf(2)], agentOf(3)));
    expect(await search({ after: "", limit: 1 })).toEqual(page([agentOf(0)], agentOf(1)));
    expect(await search({ after: agentOf(2), limit: 2 })).toEqual(page([agentOf(4)], undefined));
    expect(await search({ after: "", limit: 3 })).toEqual(page([0, 2, 4].map(agentOf), undefined));
  });

  test("with a limit of zero, continue where the page began, if there are any", async () => {
    world("denies", "allows", "denies");
    expect(await search({ after: "", limit: 0 })).toEqual(page([], agentOf(0)));
    expect(await search({ after: agentOf(1), limit: 0 })).toEqual(page([], undefined));
    world("allows");
    expect(await search({ after: "", limit: 0 })).toEqual(page([], ""));
  });

  test("are searched through all registrations for one page", async () => {
    world(...Array<Kind>(450).fill("denies"), "allows");
    expect(await search()).toEqual(page([agentOf(450)], undefined));
  });

  test("are searched for no longer than 3 s before the rest is left to the next page", async () => {
    world(...Array<Kind>(90).fill("denies"));
    readingMs = 1_501;
    expect(await search()).toEqual(page([], agentOf(39)));
    readingMs = 1_500;
    expect(await search()).toEqual(page([], agentOf(59)));
  });

  test("are a failure if one cannot be read: a list with gaps would be wrong", async () => {
    world("allows", "unreadable", "allows");
    await expect(search()).rejects.toBe(unavailable);
  });
});

describe("a rehearsal", () => {
  const use = (who: ClientId, sessions: number): ClientActivity => ({
    client: who,
    sessions,
    lastStartedAt: NOW,
    joined: 0,
    usedMs: 0,
  });
  let asked: [since: Date, limit: number][] = [];
  const rehearsed = (clients: readonly ClientActivity[], complete = true) =>
    rehearse(
      {
        applications: ports.applications,
        clock: { now: () => NOW, elapsed: () => elapsed },
        graphTimeoutMs: 5_000,
        sessions: {
          activitySince: async (_, ...rest) => {
            asked.push(rest);
            return { clients, complete };
          },
        },
      },
      agentOf(1),
      7,
      context,
    );
  beforeEach(() => {
    asked = [];
  });

  test("evaluates each client as if enforcement were on, the denied and the busiest first", async () => {
    agents.set(agentOf(1), "allows");
    clients = [clientOf(1), clientOf(2)];
    const uses = [
      use(clientOf(1), 9),
      use(clientOf(4), 1),
      use(clientOf(2), 99),
      use(OTHER_CLIENT as ClientId, 5),
      use(clientOf(3), 1),
    ];
    const results = await rehearsed(uses);
    expect(await rehearsed(uses.toReversed())).toEqual(results);
    expect(
      results.clients.map((result) => [result.client, result.mayStartSessions, result.code, result.sessions]),
    ).toEqual([
      [OTHER_CLIENT, false, "client_not_pre_authorized", 5],
      [clientOf(3), false, "client_not_pre_authorized", 1],
      [clientOf(4), false, "client_not_pre_authorized", 1],
      [clientOf(2), true, "pre_authorized", 99],
      [clientOf(1), true, "pre_authorized", 9],
    ]);
    expect(results.clients[0]?.lastStartedAt).toBe(NOW);
  });

  test("looks back that many days at 100,000 sessions at most, and reads the application as fresh as for a denial", async () => {
    agents.set(agentOf(1), "opted out");
    expect(await rehearsed([])).toEqual({ clients: [], complete: true });
    expect(asked).toEqual([[new Date("2026-11-17T09:00:00.000Z"), 100_000]]);
    expect(notBefores).toEqual([ARRIVED_AT - 1_000]);
    expect(allLimits).toEqual([{ deadline: elapsed + 5_000, rateLimit }]);
  });

  test("of an agent that does not exist denies all", async () => {
    agents.set(agentOf(1), "gone");
    expect((await rehearsed([use(client, 1)])).clients).toMatchObject([
      { mayStartSessions: false, code: "agent_application_not_found" },
    ]);
  });

  test("that did not read all sessions is not complete", async () => {
    agents.set(agentOf(1), "denies");
    expect(await rehearsed([use(client, 1)], false)).toMatchObject({
      clients: [{ client }],
      complete: false,
    });
  });

  test.each([
    [3_000, true],
    [3_001, false],
  ])("of %d clients is complete: %j", async (length, complete) => {
    agents.set(agentOf(1), "denies");
    const uses = Array.from({ length }, (_, n) => use(clientOf(n), 1));
    const result = await rehearsed(uses);
    expect([result.clients.length, result.complete]).toEqual([3_000, complete]);
  });

  test("that cannot list all clients keeps the denied ones and the busiest of the others", async () => {
    agents.set(agentOf(1), "allows");
    clients = Array.from({ length: 3_000 }, (_, n) => clientOf(n));
    const allowed = clients.map((who, n) => use(who, n + 1));
    const refused = [7_000, 7_001].map((n) => use(clientOf(n), 1));
    const named = (await rehearsed([...allowed, ...refused])).clients;
    expect(named.slice(0, 3).map((one) => one.client)).toEqual([
      clientOf(7_000),
      clientOf(7_001),
      clientOf(2_999),
    ]);
    expect(named.at(-1)?.client).toBe(clientOf(2));
  });
});
