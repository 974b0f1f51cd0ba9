// The app with every endpoint's real handler, on fakes of its adapters. A test changes the world one thing at a time.

import { HttpRequest, HttpResponse, InvocationContext } from "@azure/functions";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { type EntraIdentity, indexApplication, mapApplication } from "../../src/domain/application.ts";
import type { OwnedApplication } from "../../src/domain/authorization-view.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { Registration, ServiceConfig } from "../../src/domain/registration.ts";
import type { SessionPlan, TrackedSession } from "../../src/domain/session.ts";
import { statusOf } from "../../src/domain/session-state.ts";
import type { VerifiedToken } from "../../src/domain/verified-token.ts";
import type { Adapters } from "../../src/functions/ports.ts";
import { AGENT, api } from "./app-registration.ts";
import { minimalSettings } from "./minimal-settings.ts";

export const NOW = new Date("2026-11-24T09:00:00.000Z");
type Identity = EntraIdentity<OwnedApplication> | null;

interface World {
  readonly settings?: Record<string, string>;
  /** What each agent set; {@link AGENT} is registered and enforces if not given. */
  readonly registered?: Record<string, Partial<ServiceConfig>>;
  /** Each agent's identity in Graph; {@link AGENT} lets the client in if not given. An error is thrown. */
  readonly identities?: Record<string, Identity | Error>;
  /** Who owns each agent, by object ids; nobody if not given. An error is thrown. */
  readonly owners?: Record<string, readonly string[] | Error>;
  /** The access tokens that are valid. */
  readonly accessTokens?: Record<string, VerifiedToken>;
}

interface Call {
  /** The value of the header `client-id`. */
  readonly caller?: string | undefined;
  readonly headers?: Record<string, string>;
  /** Sent as JSON, unless it is text or bytes already. */
  readonly body?: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies and log lines of every shape
type Json = any;

/** An agent's app registration with this `api` part. */
export const application = (api: unknown, appRoles?: readonly unknown[]): Identity => ({
  kind: "application",
  application: { api, appRoles } as OwnedApplication,
});

const fileWith = (name: string, content: string) => ({
  content: Buffer.from(content),
  gzipped: Buffer.from(`gzipped ${name}`),
  digest: `digest-of-${name}`,
});

/** Creates the app in that world. */
export function testApp({ settings, registered, identities, owners, accessTokens }: World = {}) {
  const registrations = new Map<string, Registration>();
  const sessions: TrackedSession[] = [];
  const plans: SessionPlan[] = [];
  /** A failing adapter throws this. */
  const failures: Partial<Record<"tables" | "graph" | "liveKit" | "parts", unknown>> = {};
  /** How often each was called. */
  const closedRooms: string[] = [];
  const calls = { find: 0, list: 0, read: 0, probe: 0, activity: 0, owners: 0 };
  const lines: Json[] = [];
  const time = { now: NOW, elapsed: 1_000_000 };
  let random = 0;

  /** Lets the time pass that a call takes, so that sums tell which were counted. */
  const call = async (adapter: keyof typeof failures, ms = 0) => {
    await Promise.resolve();
    time.elapsed += ms;
    if (failures[adapter] !== undefined) throw failures[adapter];
  };
  const identityOf = (agent: ClientId): Identity => {
    const identity = (identities ?? { [AGENT]: application(api()) })[agent] ?? null;
    if (identity instanceof Error) throw identity;
    return identity;
  };
  const register = (agent: ClientId, config: Partial<ServiceConfig>): Registration => {
    const registeredAt = registrations.get(agent)?.registeredAt ?? time.now;
    const defaults = { enforceClientAuthz: true, limits: {}, deployments: [] };
    const registration = { agent, ...defaults, ...config, registeredAt, updatedAt: time.now };
    registrations.set(agent, registration);
    return registration;
  };
  for (const [agent, config] of Object.entries(registered ?? { [AGENT]: {} }))
    register(agent as ClientId, config);
  /** Newest first. */
  const sessionsOf = (agent: ClientId) => sessions.filter((session) => session.agent === agent).toReversed();
  const read: Adapters["applications"]["read"] = async (agent, { rateLimit }) => {
    rateLimit.acquire();
    calls.read++;
    const requestedAt = time.elapsed;
    await call("graph", 30);
    const identity = mapApplication(identityOf(agent), ({ api }) => indexApplication(api));
    return { identity, readAt: NOW, requestedAt, digest: "sha256:of-this", source: "graph", attempts: 1 };
  };

  const adapters: Adapters = {
    registrations: {
      find: async (agent) => {
        calls.find++;
        await call("tables", 2);
        return registrations.get(agent);
      },
      put: async (agent, config) => {
        await call("tables", 4);
        const created = !registrations.has(agent);
        return { registration: register(agent, config), created };
      },
      list: async (after = "" as ClientId, limit) => {
        calls.list++;
        await call("tables", 2);
        const all = [...registrations.values()].sort((a, b) => (a.agent < b.agent ? -1 : 1));
        return all.filter(({ agent }) => agent > after).slice(0, limit);
      },
      remove: async (agent) => {
        await call("tables", 4);
        registrations.delete(agent);
      },
      removeTombstonesBefore: () => call("tables"),
    },
    sessions: {
      add: async (session) => {
        await call("tables", 5);
        sessions.push({ ...session, known: {} });
      },
      change: async (agent, id, change) => {
        await call("tables");
        const n = sessions.findIndex((each) => each.agent === agent && each.sessionId === id.toLowerCase());
        const before = sessions[n];
        if (before === undefined) return undefined;
        const after = { ...before, known: change(before) };
        sessions[n] = after;
        return { before, after };
      },
      takeSlot: async () => true,
      listLive: async () => ({ sessions, next: undefined }),
      find: async (agent, id) => {
        await call("tables");
        return sessionsOf(agent).find(({ sessionId }) => sessionId === id.toLowerCase());
      },
      list: async (agent, after, limit) => {
        await call("tables");
        const all = sessionsOf(agent);
        const rest = all.slice(all.findIndex(({ sessionId }) => sessionId === after?.sessionId) + 1);
        return { sessions: rest.slice(0, limit), hasMore: rest.length > limit };
      },
      activitySince: async (agent) => {
        calls.activity++;
        await call("tables");
        const byClient = Map.groupBy(sessionsOf(agent), ({ client }) => client);
        const clients = [...byClient].map(([client, own]) => {
          const known = own.flatMap((session) => {
            const { joinedAtMs, endedAtMs } = statusOf(session, time.now.getTime());
            return joinedAtMs === null ? [] : (endedAtMs ?? time.now.getTime()) - joinedAtMs;
          });
          const usedMs = known.reduce((sum, ms) => sum + ms, 0);
          const lastStartedAt = own[0]?.startedAt ?? NOW;
          return { client, sessions: own.length, lastStartedAt, joined: known.length, usedMs };
        });
        return { clients, complete: true };
      },
      removeStartedBefore: async () => ({ removed: 0, finished: true }),
    },
    storageTime: async () => time.now,
    rooms: {
      list: async () => new Map(),
      participants: async () => [],
      close: async (roomName) => {
        await call("liveKit");
        closedRooms.push(roomName);
        return true;
      },
      dispatches: async () => [],
      dispatch: () => call("liveKit"),
    },
    webhooks: { receive: async () => undefined },
    wait: async () => {},
    applications: {
      read,
      readMany: (agents, limits) => Promise.allSettled(agents.map((agent) => read(agent, limits))),
    },
    owners: {
      readOwned: async (agent, { rateLimit }) => {
        rateLimit.acquire();
        await call("graph");
        return { identity: identityOf(agent), readAt: NOW };
      },
    },
    agentOwners: {
      read: async (agent, { rateLimit }) => {
        rateLimit.acquire();
        calls.owners++;
        const requestedAt = time.elapsed;
        await call("graph");
        const ids = owners?.[agent] ?? [];
        if (ids instanceof Error) throw ids;
        return { owners: new Set(ids), requestedAt, source: "graph", attempts: 1 };
      },
    },
    participantTokens: {
      issue: async (_permit, plan) => {
        await call("liveKit");
        plans.push(plan);
        return `token of ${plan.sessionId}`;
      },
    },
    verifyAccessToken: async (token) => {
      await call("graph");
      return accessTokens?.[token];
    },
    clock: { now: () => time.now, elapsed: () => time.elapsed },
    random: {
      uuid: () => `00000000-0000-4000-8000-${String(++random).padStart(12, "0")}`,
      suffix: () => `suffix${++random}`,
    },
    readShippedFile: async (name) =>
      fileWith(
        name,
        name === "openapi.json" ? '{"servers":[{"url":"/","description":"this host"}]}' : `the file ${name}`,
      ),
    readConsoleFile: async (name) => fileWith(name, `the console's file ${name}`),
    locateError: () => "src/somewhere.ts:1",
    version: "1.2.3",
    probeGraph: async () => {
      calls.probe++;
      await call("graph");
    },
    load: () => call("parts"),
    prefetch: async () => {},
  };
  const app = createApp(adapters, readConfig({ ...minimalSettings, ...settings }));

  return {
    ...app,
    registrations,
    sessions,
    closedRooms,
    plans,
    failures,
    calls,
    /** Every line that the app logged, parsed. */
    lines,
    time,
    /** Calls the endpoint of that method and path as the Functions host does, but for keys and the bodies of HEAD. */
    async request(method: string, path: string, { caller, headers = {}, body }: Call = {}) {
      const found = app.endpoints.flatMap(({ route, methods, handler }) => {
        const pattern = new RegExp(`^/${route.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}/?(?:\\?|$)`);
        const match = methods.some((one) => one === method) ? pattern.exec(path) : null;
        return match === null ? [] : [{ handler, params: { ...match.groups } }];
      })[0];
      if (found === undefined) throw new Error(`There is no ${method} ${path}`);
      const bytes =
        body instanceof Uint8Array
          ? body
          : Buffer.from(typeof body === "string" ? body : (JSON.stringify(body) ?? ""));
      const request = new HttpRequest({
        method: method as "GET",
        url: `http://localhost${path}`,
        params: found.params,
        headers: { ...(caller !== undefined && { "client-id": caller }), ...headers },
        ...(bytes.length > 0 && { body: { bytes } }),
      });
      const context = new InvocationContext({
        invocationId: "the-invocation",
        logHandler: (_level, line) => void lines.push(JSON.parse(String(line))),
      });
      const response = new HttpResponse((await found.handler(request, context)) as object);
      const text = await response.text();
      let json: Json;
      try {
        json = JSON.parse(text);
      } catch {}
      return { status: response.status, headers: Object.fromEntries(response.headers), text, body: json };
    },
  };
}
