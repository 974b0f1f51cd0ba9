import { TableClient } from "@azure/data-tables";
import { vi } from "vitest";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { Clock } from "../../src/domain/ports.ts";
import type { Registration, RegistrationStore } from "../../src/domain/registration.ts";
import { AGENT, serviceConfig } from "./app-registration.ts";
import { fakeTableServer } from "./fake-table-server.ts";
import { type Change, HistoryRules, said } from "./history-rules.ts";
import { fates, lateNetwork } from "./late-network.ts";

const agent = AGENT as ClientId;
const TABLE = "agents";
const T0 = Date.parse("2026-11-24T09:00:00.000Z");
const TIMEOUT_MS = 3_000;
// As in the app: the SDK gives a write up after 350 ms at the least.
const retryOptions = { maxRetries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1_000 };
/** How far the second instance's clock may be off. */
const SKEWS_MS = [0, 0, 1, 40, 500, 1_999];
const MAX_CHANGES = 7;
/** After that many, nothing is lost anymore, so that every history ends. */
const MAX_STEPS = 200;

/**
 * Runs the history of that seed: requests of one agent to two instances, on a network that loses, delays and repeats.
 * Time is vitest's. What broke the contract, in words.
 */
export async function runHistory(
  seed: number,
  createStore: (table: TableClient, timeoutMs: number, clock: Clock) => RegistrationStore,
): Promise<string[]> {
  const random = randomOf(seed);
  const below = (n: number) => Math.floor(random() * n);
  const oneOf = <T>(values: readonly T[]) => values[below(values.length)] as T;
  const removals = oneOf([0, 0, 0.2, 0.5]);
  const skewMs = oneOf(SKEWS_MS) * oneOf([-1, 1]);
  const trouble = random() * 0.6;
  const length = 2 + below(MAX_CHANGES - 1);

  const rules = new HistoryRules();
  const { changes, violations } = rules;
  let step = 0;
  let nowMs = T0;
  const server = fakeTableServer();
  if (random() < 0.9) server.clear(TABLE);
  const network = lateNetwork<Change | undefined>(
    server,
    (change, { method }) => {
      if (change?.answer === undefined || method === "GET") return;
      violations.push(`${said(change)} writes after its answer`);
    },
    (change, { method, url, body }, status) => {
      if (change === undefined || url.endsWith("/Tables") || method === "GET" || status >= 300) return;
      rules.onCarriedOut(change, (JSON.parse(String(body)) as { writtenBy: string }).writtenBy);
    },
  );
  const { httpClient, late, waitedFor } = network;
  const options = { httpClient, allowInsecureConnection: true, retryOptions };
  const stores = [0, skewMs].map((offMs) => {
    const clock = { now: () => new Date(nowMs + offMs), elapsed: () => nowMs };
    return createStore(new TableClient("http://tables.invalid", TABLE, options), TIMEOUT_MS, clock);
  });

  const ask = (instance: 0 | 1) => {
    const startedMs = nowMs;
    const change: Change = {
      number: changes.length + 1,
      instance,
      kind: random() < removals ? "remove" : "put",
      enforce: random() < 0.5,
      now: new Date(nowMs + instance * skewMs),
      requestedAt: step,
      answeredAt: undefined,
      answer: undefined,
      disturbed: false,
    };
    changes.push(change);
    const answered = (answer: Change["answer"]) => {
      if (nowMs - startedMs >= TIMEOUT_MS) change.disturbed = true;
      change.answer = answer;
      change.answeredAt = step;
    };
    const store = stores[instance] as RegistrationStore;
    const work = async () =>
      change.kind === "put"
        ? store.put(agent, serviceConfig(change.enforce), change.now)
        : store.remove(agent, change.now);
    network.sendAs(change, work).then(
      (answer) => answered(answer ?? {}),
      (error: { code?: string }) => {
        answered("503");
        if (error.code !== "storage_unavailable") violations.push(`${said(change)}: ${error}`);
      },
    );
  };

  const lookUp = async (): Promise<Registration | undefined> => {
    const finding = network.sendAs(undefined, async () => stores[0]?.find(agent));
    for (let n = 0; n < 4; n++) {
      network.decide(0, "delivered");
      await settled();
    }
    return await finding;
  };

  while (changes.length < length || changes.some(({ answer }) => answer === undefined) || late.length > 0) {
    step++;
    const isCalm = step > MAX_STEPS;
    const what = random();
    if (what < 0.3 && changes.length < length) ask(oneOf([0, 1]));
    else if (what < 0.4 && late.length > 0) network.carryOutLate(below(late.length));
    else if (waitedFor.length > 0) {
      const index = below(waitedFor.length);
      const fate = !isCalm && random() < trouble ? oneOf(fates) : "delivered";
      const owner = waitedFor[index]?.owner;
      if (owner !== undefined && fate !== "delivered" && fate !== "repeated") owner.disturbed = true;
      network.decide(index, fate);
    }
    // Hardly any time, as between requests at once, or enough for trying again, or for giving up.
    const passesMs = !isCalm && random() < 0.02 ? TIMEOUT_MS : oneOf([0, 0, 0, 1, 2, 5, 20, 150, 0, 900]);
    nowMs += passesMs;
    if (passesMs > 0) vi.advanceTimersByTime(passesMs);
    await settled();
    rules.onStep();
    if (violations.length > 0) return violations;
  }
  rules.onEnd(await lookUp());
  return violations;
}

/** Lets everything happen that waits for nothing but promises. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
