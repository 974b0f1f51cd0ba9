import { expect, test } from "vitest";
import { cachedDirectory } from "../../src/adapters/graph/cached-directory.ts";
import { createIdentityReader } from "../../src/adapters/graph/identity-reader.ts";
import { systemClock as clock } from "../../src/adapters/lib/system-clock.ts";
import { authorize } from "../../src/application/authorize.ts";
import { createDecisionRecord } from "../../src/application/use-case-context.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { AGENT, api, CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import { contextFor, fakePorts } from "../support/fakes.ts";

/** The same value, and all within it; `onLook` is called whenever a member is looked at. */
function watched(value: unknown, onLook: () => void): unknown {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, name) {
      onLook();
      return watched(Reflect.get(target, name), onLook);
    },
  });
}

test("Graph's answer is examined once per read, and not again by the decisions that are based on it", async () => {
  const asked = { reads: 0, looks: 0 };
  const json = watched({ api: api() }, () => asked.looks++);
  const reader = createIdentityReader(async () => {
    asked.reads++;
    return { status: 200, retryAfter: null, json, readAt: clock.now(), requestedAt: clock.elapsed() };
  }, clock);
  const settings = { cacheSeconds: 60, timeoutMs: 5_000, maxEntries: 10 };
  const applications = cachedDirectory(reader.read, clock, settings);
  const ports = { ...fakePorts().ports, applications, clock };
  const arrivedAt = clock.elapsed();
  const decide = async (client: string) => {
    const context = { ...contextFor(createDecisionRecord("session_start", "a-decision")), arrivedAt };
    return (await authorize(ports, AGENT as ClientId, client as ClientId, context)).decision;
  };

  await decide(CLIENT);
  const byTheRead = { ...asked };
  expect(byTheRead.reads).toBe(1);
  expect(byTheRead.looks).toBeGreaterThan(10);

  for (let request = 0; request < 100; request++) {
    expect(await decide(CLIENT)).toMatchObject({ allowed: true });
    expect(await decide(OTHER_CLIENT)).toMatchObject({ code: "client_not_pre_authorized" });
  }
  expect(asked).toEqual(byTheRead);
});
