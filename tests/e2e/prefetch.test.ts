import { afterAll, beforeAll, expect, test } from "vitest";
import { AGENT, api, CLIENT } from "../support/app-registration.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { type FaultyService, start, startFaultyService } from "../support/faulty-service.ts";

// A start of a session needs the managed identity's token, and the tenant's keys where callers send access tokens. The
// app prefetches both while it starts. What a request does with a prefetch that is in progress or failed:
// managed-identity-token.test.ts and access-token.test.ts.

const SOON = { timeout: 20_000, interval: 10 };

let faulty: FaultyService;
/** In front of the tenant's published keys. */
let authority: FaultProxy;

beforeAll(async () => {
  authority = await startFaultProxy();
  const application = { id: AGENT, appId: AGENT, displayName: "Agent", api: api() };
  faulty = await startFaultyService({}, [application]);
  authority.forwardTo(Number(new URL(faulty.service.stack.entra.url).port));
  await faulty.service.call("POST", "/api/agent/register", { caller: AGENT });
});
afterAll(async () => {
  await faulty?.close();
  await authority?.close();
});

test("the managed identity's token is requested before the first request, and not again for it", async () => {
  const before = faulty.identity.requests;
  await faulty.service.stack.restartApp();
  await expect.poll(() => faulty.identity.requests, SOON).toBeGreaterThan(before);
  expect((await start(faulty, AGENT, CLIENT)).answer.status).toBe(200);
  expect(faulty.identity.requests - before).toBe(1);
});

test("the tenant's keys are requested before the first request if callers send access tokens", async () => {
  const before = authority.requests;
  await faulty.service.stack.restartApp({
    CALLER_IDENTITY: "access-token",
    ENTRA_AUTHORITY_HOST: authority.url,
  });
  // The metadata of both versions; the keys' own address is in it.
  await expect.poll(() => authority.requests - before, SOON).toBeGreaterThanOrEqual(2);
});
