// The check of live sessions on LiveKit rooms and a store in memory, and a clock that tests move.

import { type CheckPorts, checkLiveSessions } from "../../src/application/check-live-sessions.ts";
import type { DecisionRecord } from "../../src/application/use-case-context.ts";
import type { Dispatch } from "../../src/domain/agent-recall.ts";
import { type ApiApplication, indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { unlimited } from "../../src/domain/graph-reading.ts";
import { applyEvent } from "../../src/domain/live-session.ts";
import type { SessionLimits } from "../../src/domain/registration.ts";
import type { TrackedSession } from "../../src/domain/session.ts";
import { isWatched, statusOf } from "../../src/domain/session-state.ts";
import { AGENT, api, CLIENT } from "./app-registration.ts";
import { CLIENT_IDENTITY, type Happening, SessionWorld, T0 } from "./session-world.ts";

const agent = AGENT as ClientId;

/** One session, what LiveKit has of it, and what LKPS would read elsewhere. A member that is an error is thrown. */
export class LiveStack {
  readonly world = new SessionWorld();
  registered: "no" | "enforced" | Error = "enforced";
  api: ApiApplication | null | Error = api() as ApiApplication;
  limits: SessionLimits = {};
  isChecked = true;
  /** The failures of LiveKit's calls by their names. */
  readonly faults: { [Call in keyof CheckPorts["rooms"]]?: Error } = {};
  /** LiveKit deletes the room, but creates none. */
  cannotCreate = false;
  dispatches: Dispatch[] = [];
  /** Every operation on the store and LiveKit, in order. */
  readonly operations: string[] = [];
  readonly logged: DecisionRecord[] = [];
  readonly failures: unknown[] = [];
  readonly closedForSeconds: number[] = [];
  /** The app dies at this operation. */
  diesAt = Number.POSITIVE_INFINITY;
  session: TrackedSession = {
    sessionId: "01a20cc8-8e80-7e58-b1a4-90d8e7f6c523",
    agent,
    client: CLIENT as ClientId,
    basis: "pre_authorized",
    roomName: `lkps-${AGENT}-01a20cc8-8e80-7e58-b1a4-90d8e7f6c523`,
    participantIdentity: CLIENT_IDENTITY,
    startedAt: new Date(T0),
    expiresAt: new Date(T0 + 600_000),
    decisionId: "0b9f4d5e-6a1c-4f27-9d83-2e5a7c1b8f40",
    known: {},
  };
  #runs = 0;

  get status() {
    return statusOf(this.session, this.world.nowMs);
  }
  get events(): string[] {
    return this.logged.map(({ event, code }) => (code === null ? `${event}` : `${event} ${code}`));
  }
  get isWatched(): boolean {
    return isWatched(this.session, this.world.nowMs, this.isChecked);
  }

  /** Lets things happen at LiveKit, whose webhooks arrive. */
  happen(...happenings: Happening[]): void {
    const known = this.world.events.length;
    for (const each of happenings) this.world.happen(each);
    for (const event of this.world.events.slice(known)) {
      this.session = { ...this.session, known: applyEvent(this.session.known, event, this.session) };
    }
  }

  /** Runs the check once after a time, by default half a minute. */
  async check(afterMs = 30_000): Promise<void> {
    this.world.nowMs += afterMs;
    const run = {
      number: this.#runs++,
      after: undefined,
      shouldContinue: () => true,
      log: (line: DecisionRecord) => this.logged.push(line),
      reportFailure: (error: unknown) => this.failures.push(error),
    };
    await checkLiveSessions(this.ports(), run).catch(run.reportFailure);
  }

  ports(): CheckPorts {
    const operation = async <T>(name: string, work: () => T, fault?: Error): Promise<T> => {
      if (this.operations.length >= this.diesAt) throw new Error("The app died");
      this.operations.push(name);
      await Promise.resolve();
      if (fault !== undefined) throw fault;
      return work();
    };
    const { world, faults } = this;
    return {
      sessions: {
        listLive: () =>
          operation("listLive", () => ({ sessions: this.isWatched ? [this.session] : [], next: undefined })),
        change: (_agent, _id, change) =>
          operation("change", () => {
            const before = this.session;
            const known = change(before);
            if (JSON.stringify(known) === JSON.stringify(before.known)) return { before, after: before };
            this.session = { ...before, known };
            return { before, after: this.session };
          }),
      },
      rooms: {
        list: ([name = ""]) =>
          operation(
            "list",
            () => {
              const participants = world.isThere(false) ? 1 : 0;
              return new Map(world.room === undefined ? [] : [[name, { ...world.room, participants }]]);
            },
            faults.list,
          ),
        participants: () => operation("participants", () => [...world.present.values()], faults.participants),
        close: (_name, seconds) =>
          operation(
            "close",
            () => {
              this.closedForSeconds.push(seconds);
              world.deleteRoom();
              if (!this.cannotCreate)
                world.room = { sid: `RM_closed_${world.nowMs}`, createdAtMs: world.nowMs };
              return !this.cannotCreate;
            },
            faults.close,
          ),
        dispatches: () => operation("dispatches", () => this.dispatches, faults.dispatches),
        dispatch: () => operation("dispatch", () => {}, faults.dispatch),
      },
      registrations: {
        find: async () => {
          if (this.registered instanceof Error) throw this.registered;
          if (this.registered === "no") return undefined;
          const times = { registeredAt: new Date(T0), updatedAt: new Date(T0) };
          return { agent, enforceClientAuthz: true, limits: this.limits, deployments: [], ...times };
        },
      },
      applications: {
        readMany: async (agents) => {
          const { api } = this;
          if (api instanceof Error) return agents.map(() => ({ status: "rejected", reason: api }) as const);
          const identity = { kind: "application", application: indexApplication(api) } as const;
          const reading = {
            readAt: new Date(T0),
            requestedAt: 0,
            digest: null,
            source: "graph",
            attempts: 1,
          } as const;
          return agents.map(() => ({ status: "fulfilled", value: { identity, ...reading } }) as const);
        },
      },
      clock: { now: () => new Date(world.nowMs), elapsed: () => world.nowMs },
      wait: () => Promise.resolve(),
      graphTimeoutMs: 5_000,
      rateLimit: unlimited,
      isChecked: this.isChecked,
    };
  }
}
