import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audiences } from "../../dev/local-defaults.ts";
import { AGENT, api, CLIENT } from "../support/app-registration.ts";
import { type FaultProxy, hang, startFaultProxy } from "../support/fault-proxy.ts";
import { expectFailure, type FaultyService, start, startFaultyService } from "../support/faulty-service.ts";

// A start of a session needs the managed identity's token, and the tenant's keys where callers send access tokens. The
// app prefetches both while it starts. What a request does with a prefetch that is in progress or failed:
// managed-identity-token.test.ts.

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

async function until(happened: () => boolean): Promise<void> {
  for (let waited = 0; !happened(); waited += 10) {
    if (waited > 20_000) throw new Error("It did not happen within 20 s");
    await sleep(10);
  }
}

/** So short that a test can wait for it. */
const SHORT = { GRAPH_TIMEOUT_MS: "500" };
const withTokens = () => ({
  CALLER_IDENTITY: "access-token",
  ENTRA_AUTHORITY_HOST: authority.url,
  ENTRA_AUDIENCE: audiences.join(","),
});

test("the managed identity's token is requested before the first request, and not again for it", async () => {
  const before = faulty.identity.requests;
  await faulty.service.stack.restartApp();
  await until(() => faulty.identity.requests > before);
  expect((await start(faulty, AGENT, CLIENT)).answer.status).toBe(200);
  expect(faulty.identity.requests - before).toBe(1);
});

test("the tenant's keys are requested before the first request if callers send access tokens", async () => {
  const before = authority.requests;
  await faulty.service.stack.restartApp(withTokens());
  // The metadata of both versions; the keys' own address is in it.
  await until(() => authority.requests - before >= 2);
});

test("if the identity endpoint hangs from the start, the first request's failure says so", async () => {
  const hanging = faulty.identity.fail(() => true, hang);
  await faulty.service.stack.restartApp(SHORT);
  const first = await start(faulty, AGENT, CLIENT);
  hanging.end();
  expect(first.answer.status).toBe(503);
  await expectFailure(faulty, first, {
    code: "directory_unavailable",
    // The read's time limit, or its caller's, which began before the read: whichever ends first says what was missing.
    causes: /(could not get a token|no access token was available in time) .*within 500 ms/,
  });
});

test("if the keys' endpoint hangs from the start, a caller with a token gets 503", async () => {
  const hanging = authority.fail(() => true, hang);
  await faulty.service.stack.restartApp({ ...withTokens(), ...SHORT });
  // Valid enough to need a key.
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = `${part({ alg: "RS256", kid: "any" })}.${part({ ver: "2.0" })}.${part({})}`;
  const headers = { authorization: `Bearer ${token}` };
  const { status, body } = await faulty.service.call("GET", "/api/agent/registration", { headers });
  hanging.end();
  expect([status, body.code]).toEqual([503, "directory_unavailable"]);
});
