import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { audiences } from "../../dev/local-names.ts";
import { AGENT, api, CLIENT } from "../support/app-registration.ts";
import { answer, type Fault, type FaultProxy, hang, late, startFaultProxy } from "../support/fault-proxy.ts";
import { expectFailure, start } from "../support/fault-situations.ts";
import { type FaultyService, startFaultyService } from "../support/faulty-service.ts";

// A start of a session needs the managed identity's token, and the tenant's keys where callers send access tokens. Both
// are asked for while the app starts.

const GRAPH_TIMEOUT_MS = 2_000;

let faulty: FaultyService;
/** Before the tenant's published keys. */
let authority: FaultProxy;

beforeAll(async () => {
  authority = await startFaultProxy();
  const application = { id: AGENT, appId: AGENT, displayName: "Agent", api: api() };
  faulty = await startFaultyService({ GRAPH_TIMEOUT_MS: String(GRAPH_TIMEOUT_MS) }, [application]);
  authority.forwardTo(Number(new URL(faulty.service.stack.entra.url).port));
  await faulty.service.call("POST", "/api/agent/register", { caller: AGENT });
});
afterAll(async () => {
  await faulty?.close();
  await authority?.close();
});

let linesBefore = 0;
beforeEach(() => {
  linesBefore = faulty.service.lines.length;
});

async function until(happened: () => boolean): Promise<void> {
  for (let waited = 0; !happened(); waited += 10) {
    if (waited > 5_000) throw new Error("It did not happen within 5 s");
    await sleep(10);
  }
}

test("the managed identity's token is asked for before the first request, and not again by it", async () => {
  const before = faulty.identity.requests;
  await faulty.service.stack.restartApp();
  await until(() => faulty.identity.requests > before);
  expect((await start(faulty, AGENT, CLIENT)).answer.status).toBe(200);
  expect(faulty.identity.requests - before).toBe(1);
});

test("the tenant's keys are asked for before the first request where callers send access tokens", async () => {
  const before = authority.requests;
  const withTokens = { CALLER_IDENTITY: "access-token", ENTRA_AUTHORITY_HOST: authority.url };
  await faulty.service.stack.restartApp({ ...withTokens, ENTRA_AUDIENCE: audiences.join(",") });
  // The metadata of both versions; the keys' own address is in it.
  await until(() => authority.requests - before === 2);
});

test.each<[does: string, fault: Fault]>([
  ["refuses", answer(400)],
  ["is down", answer(500)],
  ["hangs", hang],
])("where the identity endpoint %s at the start and no longer, nobody notices", async (_, fault) => {
  const failing = faulty.identity.fail(() => true, fault);
  await faulty.service.stack.restartApp();
  await until(() => failing.hits > 0);
  failing.end();
  const { answer: first, ms } = await start(faulty, AGENT, CLIENT);
  expect(first.status).toBe(200);
  expect(ms).toBeLessThan(GRAPH_TIMEOUT_MS);
  const said = faulty.service.lines.slice(linesBefore).filter((line) => !line.includes('"session_start"'));
  expect(said).toEqual([]);
});

test.each([0.5, 0.9])(
  "an identity endpoint that takes %f of the time serves the first request, as it would without asking ahead",
  async (part) => {
    const slow = faulty.identity.fail(() => true, late(part * GRAPH_TIMEOUT_MS));
    await faulty.service.stack.restartApp();
    const { answer: first, ms } = await start(faulty, AGENT, CLIENT);
    slow.end();
    expect([first.status, ms < GRAPH_TIMEOUT_MS]).toEqual([200, true]);
  },
);

test("an identity endpoint that hangs from the start is what the first request's failure tells of, in its time", async () => {
  const hanging = faulty.identity.fail(() => true, hang);
  await faulty.service.stack.restartApp();
  const first = await start(faulty, AGENT, CLIENT);
  hanging.end();
  expect(first.answer.status).toBe(503);
  expect(first.ms).toBeLessThan(GRAPH_TIMEOUT_MS + 500);
  await expectFailure(faulty, first, { code: "directory_unavailable", causes: /no token/ });
});

test("keys that hang from the start cost a caller no more than its time", async () => {
  const hanging = authority.fail(() => true, hang);
  const withTokens = { CALLER_IDENTITY: "access-token", ENTRA_AUTHORITY_HOST: authority.url };
  await faulty.service.stack.restartApp({ ...withTokens, ENTRA_AUDIENCE: audiences.join(",") });
  // Good enough to need a key.
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = `${part({ alg: "RS256", kid: "any" })}.${part({ ver: "2.0" })}.${part({})}`;
  const startedAt = performance.now();
  const headers = { authorization: `Bearer ${token}` };
  const { status, body } = await faulty.service.call("GET", "/api/agent/registration", { headers });
  hanging.end();
  expect([status, body.code]).toEqual([503, "directory_unavailable"]);
  expect(performance.now() - startedAt).toBeLessThan(GRAPH_TIMEOUT_MS + 300);
});
