import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { audiences } from "../../tools/local-names.ts";
import { AGENT, api, CLIENT } from "../support/app-registration.ts";
import { answer, type Fault, type FaultProxy, hang, startFaultProxy } from "../support/fault-proxy.ts";
import { start } from "../support/fault-situations.ts";
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
