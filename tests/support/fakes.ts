// Hand-written ports over a world that a test changes one thing at a time. They record their calls in order.

import type { StartSessionPorts } from "../../src/application/start-session.ts";
import type { DecisionRecord, UseCaseContext } from "../../src/application/use-case-context.ts";
import { type ApiApplication, indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { Permit } from "../../src/domain/decision.ts";
import { type ApplicationSnapshot, type GraphRateLimit, unlimited } from "../../src/domain/graph-reading.ts";
import type { SessionLimits } from "../../src/domain/registration.ts";
import type { SessionPlan, SessionRecord } from "../../src/domain/session.ts";
import { api } from "./app-registration.ts";

/** What `elapsed` says at first. */
export const STARTED_AT = 1_000_000;
/** When everything happens; only `elapsed` moves on. */
const NOW = new Date("2026-11-24T09:00:00.000Z");
export const EXPIRES_AT = new Date("2026-11-24T09:10:00.000Z");

/** How many milliseconds each takes, so that sums tell which were counted. A token is signed in the time of `add`. */
const MILLISECONDS = { find: 2, read: 30, issue: 0, add: 5_000 };

/** What the fakes answer. An error is thrown. */
export interface FakeWorld {
  registered: "no" | "opted out" | "enforced" | Error;
  /** The agent's application in Graph. */
  api: ApiApplication | null | "gone" | Error;
  /** What else the directory says of its reading. */
  reading: Partial<Pick<ApplicationSnapshot, "readAt" | "requestedAt" | "digest" | "source" | "attempts">>;
  limits: SessionLimits;
  isFull: boolean;
  issuing: Error | undefined;
  storing: Error | undefined;
}

/** What the ports were asked. */
interface Asked {
  /** Their names, in order; `stored` once a record is kept. */
  readonly order: string[];
  readonly agents: ClientId[];
  /** Until when each read had to end, what paid for it, and how old its reading might be. */
  readonly reads: { deadline: number; rateLimit: GraphRateLimit; notBefore: number | undefined }[];
  readonly plans: SessionPlan[];
  readonly limits: SessionLimits[];
  readonly permits: Permit[];
  readonly stored: SessionRecord[];
}

/** A request that arrived at {@link STARTED_AT}, to be noted in `record`. */
export function contextFor(record: DecisionRecord): UseCaseContext {
  return { arrivedAt: STARTED_AT, rateLimit: unlimited, record };
}

/** Ports for an agent that enforces authorization and a client that it allows, with `changes`. */
export function fakePorts(changes: Partial<FakeWorld> = {}): {
  readonly world: FakeWorld;
  readonly asked: Asked;
  readonly ports: StartSessionPorts;
} {
  const world: FakeWorld = {
    registered: "enforced",
    api: api() as ApiApplication,
    reading: {},
    limits: {},
    isFull: false,
    issuing: undefined,
    storing: undefined,
    ...changes,
  };
  const asked: Asked = { order: [], agents: [], reads: [], plans: [], permits: [], limits: [], stored: [] };
  let elapsed = STARTED_AT;
  let count = 0;

  /** Records the call, lets its time pass, and throws if the world has an error as the answer. */
  const ask = async <T>(name: keyof typeof MILLISECONDS, answer: T | Error): Promise<T> => {
    asked.order.push(name);
    await Promise.resolve();
    elapsed += MILLISECONDS[name];
    if (answer instanceof Error) throw answer;
    return answer;
  };

  const ports: StartSessionPorts = {
    registrations: {
      find: async (agent) => {
        asked.agents.push(agent);
        const registered = await ask("find", world.registered);
        if (registered === "no") return undefined;
        const enforceClientAuthz = registered === "enforced";
        const times = { registeredAt: NOW, updatedAt: NOW };
        return { agent, enforceClientAuthz, limits: world.limits, deployments: ["staging"], ...times };
      },
    },
    applications: {
      read: async (agent, limits, notBefore) => {
        asked.agents.push(agent);
        asked.reads.push({ ...limits, notBefore });
        const requestedAt = elapsed;
        const read = await ask("read", world.api);
        const application = read === "gone" ? null : indexApplication(read);
        const identity = application && ({ kind: "application", application } as const);
        const reading = {
          readAt: NOW,
          requestedAt,
          digest: "sha256:of-this",
          source: "graph",
          attempts: 1,
        } as const;
        return { identity, ...reading, ...world.reading };
      },
    },
    participantTokens: {
      issue: async (permit, plan) => {
        asked.permits.push(permit);
        asked.plans.push(plan);
        await ask("issue", world.issuing);
        return `token of ${plan.sessionId}`;
      },
    },
    tokenTtlSeconds: 600,
    graphTimeoutMs: 5_000,
    sessions: {
      takeSlot: async (_, limits) => {
        asked.limits.push(limits);
        return !world.isFull;
      },
      add: async (session) => {
        await ask("add", world.storing);
        asked.stored.push(session);
        asked.order.push("stored");
      },
    },
    clock: {
      now: () => NOW,
      elapsed: () => elapsed,
    },
    random: {
      uuid: () => `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`,
      suffix: () => `suffix${++count}`,
    },
  };
  return { world, asked, ports };
}
