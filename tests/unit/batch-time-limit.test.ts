import { HttpRequest } from "@azure/functions";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/adapters.ts";
import type { StartSessionPorts } from "../../src/application/start-session.ts";
import { createDecisionRecord } from "../../src/application/use-case-context.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { DependencyError, type DependencyErrorCode } from "../../src/domain/dependency-error.ts";
import { accessEvaluations } from "../../src/functions/access-evaluations.ts";
import type { RequestContext } from "../../src/http/endpoint.ts";
import { problemOf } from "../../src/http/problem.ts";
import { CLIENT } from "../support/app-registration.ts";
import { contextFor, fakePorts } from "../support/fakes.ts";

const resource = (id: string) => ({ resource: { type: "agent", id } });
const SEMANTICS = ["execute_all", "deny_on_first_deny", "permit_on_first_permit"] as const;

/** Evaluates a batch of the client's about these agents: the codes of the answers. */
async function evaluate(
  ports: StartSessionPorts,
  agents: readonly string[],
  evaluations_semantic: (typeof SEMANTICS)[number],
): Promise<readonly string[]> {
  const open = () => createDecisionRecord("evaluation", "a-decision");
  const context: RequestContext = {
    ...contextFor(open()),
    request: new HttpRequest({ method: "POST", url: "http://localhost/" }),
    body: {
      subject: { type: "client_application", id: CLIENT },
      action: { name: "access_as_client" },
      evaluations: agents.map(resource),
      options: { evaluations_semantic },
    },
    query: {},
    caller: CLIENT as ClientId,
    records: [],
    createRecord: open,
    log: () => {},
    reportFailure: problemOf,
  };
  const response = await accessEvaluations.handler({ ...ports, tablesTimeoutMs: 3_000 })(context);
  const { jsonBody } = response as { jsonBody: { evaluations: { context: { code: string } }[] } };
  return jsonBody.evaluations.map((evaluation) => evaluation.context.code);
}

describe("a batch has the time for all its registrations once, and the time for all its applications once", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const agents = Array.from(
    { length: 30 },
    (_, n) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  );
  /** Takes this long, and fails if that is longer than there is time. */
  const takes = async (ms: number, leftMs: number, code: DependencyErrorCode) => {
    await new Promise((resolve) => setTimeout(resolve, Math.min(ms, leftMs)));
    if (ms > leftMs) throw new DependencyError(code, "too slow");
  };
  /** Evaluates 30 agents, of which each read takes so long: how often each code was answered, and after which time. */
  async function timed(semantic: (typeof SEMANTICS)[number], tablesMs: number, graphMs: number) {
    const { ports } = fakePorts(semantic === "deny_on_first_deny" ? {} : { api: null });
    const { find } = ports.registrations;
    const { read } = ports.applications;
    const slow: StartSessionPorts = {
      ...ports,
      clock: systemClock,
      registrations: {
        find: async (agent, limitMs = 3_000) => {
          await takes(tablesMs, limitMs, "storage_unavailable");
          return await find(agent);
        },
      },
      applications: {
        read: async (agent, limits) => {
          await takes(graphMs, limits.deadline - systemClock.elapsed(), "directory_unavailable");
          return { ...(await read(agent, limits)), requestedAt: Number.POSITIVE_INFINITY };
        },
      },
    };
    const startedAt = systemClock.elapsed();
    const evaluating = evaluate(slow, agents, semantic);
    let ms = 0;
    evaluating.then(() => {
      ms = systemClock.elapsed() - startedAt;
    });
    await vi.runAllTimersAsync();
    const codes = await evaluating;
    const counts = Object.groupBy(codes, (code) => code);
    return { ms, ...Object.fromEntries(Object.entries(counts).map(([code, all]) => [code, all?.length])) };
  }

  test.each<[(typeof SEMANTICS)[number], tablesMs: number, graphMs: number, object]>([
    ["permit_on_first_permit", 0, 60_000, { ms: 5_000, directory_unavailable: 30 }],
    ["permit_on_first_permit", 60_000, 0, { ms: 3_000, storage_unavailable: 30 }],
    ["deny_on_first_deny", 0, 60_000, { ms: 5_000, directory_unavailable: 1 }],
    ["execute_all", 0, 60_000, { ms: 5_000, directory_unavailable: 30 }],
    ["execute_all", 60_000, 0, { ms: 3_000, storage_unavailable: 30 }],
    // Ten at a time; the last ten have a second left.
    ["execute_all", 0, 2_000, { ms: 5_000, scope_not_exposed: 20, directory_unavailable: 10 }],
    ["deny_on_first_deny", 0, 400, { ms: 5_000, pre_authorized: 12, directory_unavailable: 1 }],
    ["deny_on_first_deny", 400, 0, { ms: 3_000, pre_authorized: 7, storage_unavailable: 1 }],
    // What Graph takes is not taken from the registrations' time.
    ["deny_on_first_deny", 50, 160, { ms: 6_300, pre_authorized: 30 }],
  ])(
    "%s, %d ms for a registration, %d ms for an application",
    async (semantic, tablesMs, graphMs, expected) => {
      const { ms, ...counts } = await timed(semantic, tablesMs, graphMs);
      // A turn of the fake clock can count as a millisecond.
      expect({ ms: Math.round(ms / 100) * 100, ...counts }).toEqual(expected);
    },
  );
});
