import { HttpRequest, type InvocationContext } from "@azure/functions";
import { describe, expect, test } from "vitest";
import type { ClientId } from "../../src/domain/client-id.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { unlimited } from "../../src/domain/graph-rate-limit.ts";
import { RateLimitError } from "../../src/domain/rate-limit-error.ts";
import type { Caller } from "../../src/http/caller.ts";
import type { Endpoint, EndpointResponse, RequestContext } from "../../src/http/endpoint.ts";
import { createHandler, type HandlerServices } from "../../src/http/handler.ts";
import { Problem } from "../../src/http/problem.ts";
import { AGENT } from "../support/app-registration.ts";
import { fakePorts } from "../support/fakes.ts";

const self: Caller = { clientId: AGENT as ClientId, isApplication: true };
const route = {
  name: "route",
  method: "GET",
  route: "api/route",
  event: "session_start",
  responses: {},
} as const;

/** Serves one request: the answer, what the handler saw, and what was logged. */
async function served(
  endpoint: Partial<Endpoint<undefined>> & {
    handle?: (requestContext: RequestContext) => Promise<EndpointResponse>;
  },
  caller: Caller | Problem = self,
  headers: Record<string, string> = {},
) {
  const seen: RequestContext[] = [];
  const lines: Record<string, unknown>[] = [];
  const asked: HttpRequest[] = [];
  const paidBy: ClientId[] = [];
  const services: HandlerServices = {
    identifyCaller: async (request) => {
      asked.push(request);
      return caller;
    },
    rateLimitOf: (client) => {
      paidBy.push(client);
      return unlimited;
    },
    clock: fakePorts().ports.clock,
    random: fakePorts().ports.random,
    locateError: () => "src/somewhere.ts:1",
  };
  const keep = async (requestContext: RequestContext) => {
    seen.push(requestContext);
    return { jsonBody: {} };
  };
  const { handle = keep, ...rest } = endpoint;
  const whole: Endpoint<undefined> = { ...route, caller: "required", handler: () => handle, ...rest };
  const note = (line: string) => void lines.push(JSON.parse(line));
  const context = { invocationId: "the-invocation", log: note, error: note } as unknown as InvocationContext;
  const request = new HttpRequest({ method: "GET", url: "http://localhost/api/route", headers });
  const answer = (await createHandler(whole, undefined, services)(request, context)) as {
    status?: number;
    headers: Record<string, string>;
    body?: string;
  };
  return { answer, seen, lines, asked, paidBy };
}

describe("who calls", () => {
  test("is not identified if a route needs no caller", async () => {
    const { asked, seen, answer } = await served(
      { caller: "none" },
      new Problem("invalid_token", { detail: "" }),
    );
    expect([asked.length, seen.length, answer.status]).toEqual([0, 1, undefined]);
  });

  test("is passed to the handler, and pays for what the request reads", async () => {
    const { seen, paidBy } = await served({ caller: "required" }, { ...self, isApplication: false });
    expect(seen.map(({ caller }) => caller)).toEqual([AGENT]);
    expect(paidBy).toEqual([AGENT]);
  });

  test("is a problem: the handler never sees the request", async () => {
    const problem = new Problem("caller_unidentified", { detail: "" });
    for (const caller of ["required", "agent"] as const) {
      const { seen, answer, lines } = await served({ caller }, problem);
      expect([seen.length, answer.status, answer.headers["www-authenticate"]]).toEqual([0, 401, "Bearer"]);
      expect(lines).toMatchObject([{ outcome: "rejected", code: "caller_unidentified", status: 401 }]);
    }
  });

  test("must be the application itself on the agent's own routes", async () => {
    const user = { ...self, isApplication: false };
    const { seen, answer, lines } = await served({ caller: "agent" }, user);
    expect([seen.length, answer.status]).toEqual([0, 403]);
    expect(JSON.parse(answer.body ?? "")).toMatchObject({ code: "application_token_required" });
    expect(lines).toMatchObject([
      { outcome: "rejected", code: "application_token_required", agent_entra_app_id: AGENT },
    ]);
    expect((await served({ caller: "agent" })).seen).toHaveLength(1);
  });
});

describe("what a handler throws", () => {
  const thrown = (error: unknown) => served({ handle: () => Promise.reject(error) });

  test.each<[string, unknown, number, string, string | undefined, string[]]>([
    [
      "a defect",
      new TypeError("inner detail"),
      500,
      "internal_error",
      undefined,
      ["TypeError: inner detail (src/somewhere.ts:1)"],
    ],
    [
      "a failed dependency",
      new DependencyError("storage_unavailable", "inner detail", { retryAfterSeconds: 7 }),
      503,
      "storage_unavailable",
      "7",
      ["DependencyError: inner detail"],
    ],
    ["too many reads", new RateLimitError(2_500), 429, "too_many_reads", "3", []],
  ])("%s", async (_, error, status, code, retryAfter, causes) => {
    const { answer, lines } = await thrown(error);
    expect(lines[0]?.["client_app_id"]).toBe(AGENT);
    expect([answer.status, answer.headers["retry-after"]]).toEqual([status, retryAfter]);
    expect(JSON.parse(answer.body ?? "")).toMatchObject({ code, status });
    expect(answer.body).not.toContain("inner detail");
    const outcome = status < 500 ? "rejected" : "failed";
    expect(lines[0]).toMatchObject({ event: "session_start", outcome, code });
    expect(lines.slice(1)).toEqual(
      causes.length === 0 ? [] : [{ event: "failure", decision_id: lines[0]?.["decision_id"], code, causes }],
    );
  });
});

describe("X-Request-ID", () => {
  test.each<[string, string, boolean]>([
    ["letters", "abc-123", true],
    [
      "every printable character",
      Array.from({ length: 95 }, (_, n) => String.fromCharCode(32 + n))
        .join("")
        .trim(),
      true,
    ],
    ["128 characters", "x".repeat(128), true],
    ["129 characters", "x".repeat(129), false],
    ["nothing", "", false],
    ["café", "caf\u00e9", false],
    ["a tab", "a\tb", false],
    ["a control character", "a\u0080b", false],
  ])("of %s is returned only if the host can write it", async (_, id, echoed) => {
    const { answer } = await served({ caller: "none" }, self, { "x-request-id": id });
    expect(answer.headers["x-request-id"]).toBe(echoed ? id : undefined);
  });
});

test("answers are not cached, unless the handler says so", async () => {
  expect((await served({})).answer.headers["cache-control"]).toBe("no-store");
  const handle = async () => ({ headers: { "cache-control": "no-cache" } });
  expect((await served({ handle })).answer.headers["cache-control"]).toBe("no-cache");
});
