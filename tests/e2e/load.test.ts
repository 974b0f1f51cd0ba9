import { readdir, readFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { needs } from "../../tools/test/needs.ts";
import { api, CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import { useService } from "../support/use-service.ts";

const REQUESTS = process.env["LKPS_VERIFY"] === "1" ? 20_000 : 3_000;
/** The warm-up: Node compiles what runs often, and connections are opened. */
const WARM_UP = 1_000;
const AT_A_TIME = 50;
/** The tolerated difference of the heap after a collection: a few connections more or less. */
const HEAP_MB = 2;
/**
 * The tolerated difference of the resident size: the reserves of Node and the C library settle only after this run (100,000
 * requests: 223 MB after the first 10,000, 219 MB after each of the others).
 */
const RESIDENT_MB = 96;

const id = (n: number) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const enforced = Array.from({ length: 20 }, (_, n) => id(n));
const optedOut = Array.from({ length: 10 }, (_, n) => id(100 + n));
const one = (agents: readonly string[], n: number) => agents[n % agents.length] ?? "";

// Asked from outside by a signal: what the app holds on to after a collection of garbage. After several, for only
// code that was not run between some of them is let go, and all measurements must have it so.
const reporter =
  `process.on("SIGUSR2",()=>{for(let n=0;n<10;n++)gc();` +
  `console.log(JSON.stringify({event:"memory",...process.memoryUsage()}))})`;

const connections = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });

const service = useService({
  applications: enforced.map((agent) => ({ id: agent, appId: agent, displayName: agent, api: api() })),
  settings: {
    // A small reserve for new objects, so that the size settles sooner.
    NODE_OPTIONS: `--max-semi-space-size=4 --expose-gc --import=data:text/javascript,${encodeURIComponent(reporter)}`,
  },
});
beforeAll(async () => {
  await Promise.all([
    ...enforced.map((agent) => register(agent)),
    ...optedOut.map((agent) => register(agent, optOut)),
  ]);
});
afterAll(async () => {
  connections.destroy();
});

/** Calls the app as the gateway does. Node's own client takes half the time that `fetch` takes. */
function call(
  method: string,
  path: string,
  { caller, key = service.stack.functionKey, body }: { caller?: string; key?: string; body?: unknown } = {},
): Promise<string> {
  const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = {
      "x-functions-key": key,
      ...(caller !== undefined && { "client-id": caller }),
      ...(sent !== undefined && {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(sent),
      }),
    };
    const asking = request(
      `${service.stack.appUrl}${path}`,
      { method, headers, agent: connections },
      async (response) => {
        const { code = "" } = JSON.parse((await text(response)) || "{}");
        resolve(`${response.statusCode} ${code}`.trim());
      },
    );
    asking.on("error", reject);
    asking.end(sent);
  });
}

const optOut = { service_config: { enforce_client_authz: false } };
const register = (caller: string, body?: unknown) => call("POST", "/api/agent/register", { caller, body });
const start = (agent: string, caller: string, more: object = {}) =>
  call("POST", "/api/session/start", { caller, body: { agent_entra_app_id: agent, ...more } });
const startWith = (body: string) => call("POST", "/api/session/start", { caller: CLIENT, body });
const long = "x".repeat(2_000);

/** The requests in turn, each with its one right answer. */
const mix: [ask: (n: number) => Promise<string>, right: string][] = [
  [(n) => start(one(enforced, n), CLIENT), "200"],
  [(n) => start(one(enforced, n), CLIENT, { participant_metadata: long, agent_metadata: long }), "200"],
  [(n) => start(one(enforced, n), OTHER_CLIENT), "403 client_not_pre_authorized"],
  [(n) => start(one(optedOut, n), OTHER_CLIENT), "200"],
  [(n) => start(id(1_000_000 + n), CLIENT), "404 agent_not_registered"],
  [(n) => register(id(2_000_000 + n)), "201"],
  [(n) => register(one(optedOut, n), optOut), "200"],
  [(n) => call("GET", "/api/agent/registration", { caller: one(enforced, n) }), "200"],
  [(n) => start(`{${one(enforced, n)}}`, CLIENT), "400 invalid_request"],
  [() => startWith("{"), "400 invalid_request"],
  [() => startWith(long.repeat(33)), "413 body_too_large"],
  [(n) => start(one(enforced, n), `${CLIENT}, ${OTHER_CLIENT}`), "401 caller_unidentified"],
  [(n) => call("POST", "/api/session/start", { key: String(n) }), "401"],
  [(n) => call("GET", `/api/nothing/${n}`), "404"],
  [() => call("GET", "/api/health"), "200"],
  [() => call("GET", "/api/health/ready"), "200"],
];

const wrong: string[] = [];
let asked = 0;

/** Sends the next `count` requests of the mix. */
async function ask(count: number): Promise<void> {
  const until = asked + count;
  const worker = async () => {
    while (asked < until) {
      const n = asked++;
      const [request, right] = mix[n % mix.length] as (typeof mix)[number];
      const answer = await request(n);
      if (answer !== right) wrong.push(`request ${n}: ${answer} instead of ${right}`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

/** The memory and handles of the idle app process; `null` if the system does not report them. */
async function measure() {
  const pid = service.stack.appPid();
  const handles = await readdir(`/proc/${pid}/fd`).catch(() => null);
  if (handles === null) return null;
  const before = service.lines.length;
  process.kill(pid, "SIGUSR2");
  const said = () => service.lines.slice(before).find((line) => line.startsWith('{"event":"memory"'));
  await expect.poll(said, { interval: 20 }).toBeDefined();
  const { heapUsed, external } = JSON.parse(said() ?? "");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return {
    heapMb: (heapUsed + external) / 2 ** 20,
    rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 2 ** 10,
    handles: handles.length,
  };
}

const measured: Awaited<ReturnType<typeof measure>>[] = [];

test(`${REQUESTS} mixed requests, ${AT_A_TIME} at a time, get no wrong answer`, {
  timeout: 300_000,
}, async () => {
  await ask(WARM_UP);
  await measure();
  const startedAt = performance.now();
  for (let half = 1; half <= 2; half++) {
    await ask(REQUESTS / 2);
    measured.push(await measure());
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`${REQUESTS} requests in ${seconds.toFixed(1)} s, ${Math.round(REQUESTS / seconds)} a second`);
  expect(asked).toBeGreaterThanOrEqual(WARM_UP + REQUESTS);
  expect(wrong).toEqual([]);
  expect(service.lines.filter((line) => /ended|unhandled|uncaught|"event":"failure"/.test(line))).toEqual([]);
});

test("the second half of them leaks no memory and no handles", await needs("proc"), () => {
  const [first, second] = measured;
  if (!first || !second) throw new Error("The requests were not measured");
  for (const [half, { heapMb, rssMb, handles }] of [first, second].entries()) {
    const figures = [`heap ${heapMb.toFixed(1)} MB`, `resident ${rssMb.toFixed(0)} MB`, `${handles} handles`];
    console.log(`after half ${half + 1}: ${figures.join(", ")}`);
  }
  expect(second.heapMb - first.heapMb).toBeLessThan(HEAP_MB);
  expect(second.rssMb - first.rssMb).toBeLessThan(RESIDENT_MB);
  expect(second.handles - first.handles).toBeLessThan(AT_A_TIME);
});
