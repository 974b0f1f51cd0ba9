import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Listening, listen } from "../../dev/listen.ts";
import { api } from "./app-registration.ts";
import { answer, type Fault } from "./fault-proxy.ts";
import { type FaultyService, startFaultyService } from "./faulty-service.ts";

/** The service of a test file about faults, from its first test to its last. */
export interface FaultSuite {
  readonly faulty: FaultyService;
  /** A redirection to where nothing may ever arrive. */
  redirect(status: number, path: string, body?: unknown): Fault;
  /** Declares the tests of what holds after any fault. Call it at the end of the file. */
  testTheEnd(): void;
}

/**
 * Starts the service before the file's tests, with these settings and agents.
 * @param bait - what a redirected request would be answered
 * @param prepare - runs once, after the start
 * @param agentIdentities - further objects of the directory
 */
export function faultSuite(
  settings: Record<string, string>,
  agents: readonly string[],
  bait: unknown,
  prepare: (faulty: FaultyService) => Promise<unknown>,
  agentIdentities: readonly unknown[] = [],
): FaultSuite {
  let faulty: FaultyService;
  let trap: Listening;
  let trapped = 0;

  beforeAll(async () => {
    const server = createServer((_, response) => {
      trapped++;
      response.end(JSON.stringify(bait));
    });
    trap = await listen(server, 0);
    const applications = agents.map((agent) => ({ id: agent, appId: agent, displayName: agent, api: api() }));
    faulty = await startFaultyService(settings, [...applications, ...agentIdentities]);
    await prepare(faulty);
  });
  afterAll(async () => {
    await faulty?.close();
    await trap?.close();
  });

  return {
    get faulty() {
      return faulty;
    },
    redirect: (status, path, body) => (response, realAnswer) =>
      answer(status, body, { location: `${trap.url}${path}` })(response, realAnswer),
    testTheEnd() {
      test("redirects are not followed, and no secret goes elsewhere", async () => {
        expect(trapped).toBe(0);
        await fetch(trap.url);
        expect(trapped).toBe(1);
      });
      test("none of this ended the app, or came near to it", () => {
        expect(faulty.crashes()).toEqual([]);
      });
    },
  };
}
