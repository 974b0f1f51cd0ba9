import { describe, expect, test } from "vitest";
import {
  graphUnavailable,
  PERMISSION_HELP,
  resourceIn,
  toReadFailure,
} from "../../src/adapters/graph/graph-response.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { RateLimitError } from "../../src/domain/graph-reading.ts";
import { NOT_FOUND } from "../support/app-registration.ts";

const readAt = new Date(Date.UTC(2026, 10, 24, 9));
const resource = (status: number, json: unknown, retryAfter: string | null = null) =>
  resourceIn({ status, json, retryAfter, readAt, requestedAt: 0 });

test("200 holds the resource, whatever it is", () => {
  for (const json of [{ api: null }, NOT_FOUND, [], 7, "text", false]) expect(resource(200, json)).toBe(json);
});

test.each([null, undefined])("200 with %s is no answer", (json) => {
  expect(() => resource(200, json)).toThrow("Graph's answer is not JSON");
});

test("404 with Graph's code for a missing resource means that there is none", () => {
  expect(resource(404, NOT_FOUND)).toBeNull();
});

// Nothing else may look as if the agent were gone.
test.each<[number, unknown, message: string]>([
  [400, NOT_FOUND, "Graph returned 400 Request_ResourceNotFound"],
  [410, NOT_FOUND, "Graph returned 410 Request_ResourceNotFound"],
  [204, undefined, "Graph returned 204"],
  [206, { api: null }, "Graph returned 206"],
  [404, { api: null }, "Graph returned 404"],
  [503, { api: null }, "Graph returned 503"],
  [404, { error: { code: "ResourceNotFound" } }, "Graph returned 404 ResourceNotFound"],
  [404, { error: { code: "Request_ResourceNotFound " } }, "Graph returned 404"],
  [404, { error: { code: "x: Request_ResourceNotFound" } }, "Graph returned 404"],
  [404, { error: { code: 7 } }, "Graph returned 404"],
  [404, { error: { code: ["Request_ResourceNotFound"] } }, "Graph returned 404"],
  [404, { error: { code: "" } }, "Graph returned 404"],
  [404, { error: { code: "a".repeat(100) } }, `Graph returned 404 ${"a".repeat(100)}`],
  [404, { error: { code: "a".repeat(101) } }, "Graph returned 404"],
  [404, { code: "Request_ResourceNotFound" }, "Graph returned 404"],
  [404, { error: null }, "Graph returned 404"],
  [404, undefined, "Graph returned 404"],
  [404, null, "Graph returned 404"],
  [500, undefined, "Graph returned 500"],
])("%i with %j is directory_unavailable", (status, json, message) => {
  expect(() => resource(status, json)).toThrow(
    expect.objectContaining({ code: "directory_unavailable", message }),
  );
});

test.each([401, 403])("%i is directory_access_denied, and says which permission is missing", (status) => {
  const message = `Graph returned ${status} Authorization_RequestDenied: ${PERMISSION_HELP}`;
  expect(() => resource(status, { error: { code: "Authorization_RequestDenied" } }, "7")).toThrow(
    expect.objectContaining({ code: "directory_access_denied", message }),
  );
});

test.each<[retryAfter: string | null, seconds: number]>([
  ["7", 7],
  ["0", 1],
  ["86401", 86_400],
  ["99999999999999999999", 86_400],
  ["Tue, 24 Nov 2026 09:00:30 GMT", 30],
  ["Tuesday, 24-Nov-26 09:00:30 GMT", 30],
  ["Tue Nov 24 09:00:30 2026 GMT", 30],
  ["Tue, 24 Nov 2026 08:59:30 GMT", 1],
  ["Tue, 24 Nov 2027 09:00:00 GMT", 86_400],
  ["24 Nov 2026 09:00:30 GMT", 1],
  ["Someday, soon", 1],
  ["1.5", 1],
  ["-7", 1],
  ["7 s", 1],
  ["", 1],
  [null, 1],
])("a Retry-After of %j leads to one of %d s", (retryAfter, seconds) => {
  expect(() => resource(503, undefined, retryAfter)).toThrow(
    expect.objectContaining({ retryAfterSeconds: seconds }),
  );
});

const met = new Error("Graph returned 503");
const timeout = new Error("No response within 5000 ms");
const withCause = new Error("fetch failed", { cause: new Error("ECONNRESET") });

describe("the cause of a read without a usable response", () => {
  test.each<[string, unknown, unknown]>([
    ["a failure without a cause or an earlier failure", timeout, undefined],
    ["a failure with a cause", withCause, undefined],
    ["a failure with a cause, after an earlier failure", withCause, met],
    ["a value that is not an error", "text", undefined],
    ["a value that is not an error, after an earlier failure", "text", met],
  ])("is %s", (_, error, lastFailure) => {
    expect(graphUnavailable(error, { attempts: 1, lastFailure }).cause).toBe(error);
  });

  test("is the previous failure, if the last one has no cause itself", () => {
    expect(graphUnavailable(timeout, { attempts: 2, lastFailure: met }).cause).toMatchObject({
      message: "No response within 5000 ms",
      cause: met,
    });
  });
});

test.each([
  [0, "Microsoft Graph was not called: no access token was available in time"],
  [1, "Microsoft Graph returned no usable response"],
])("after %d attempts the directory is unavailable: %s", (attempts, message) => {
  const error = graphUnavailable(timeout, { attempts });
  expect(error).toBeInstanceOf(DependencyError);
  expect(error).toMatchObject({ code: "directory_unavailable", message, attempts });
});

describe("the failure of a read has the number of requests", () => {
  const denied = new DependencyError("directory_access_denied", "no", { cause: met, retryAfterSeconds: 7 });
  test.each<[string, unknown, unknown, object]>([
    ["its code, cause, and wait", denied, undefined, { ...denied, message: "no", cause: met, attempts: 2 }],
    ["directory_unavailable otherwise", met, undefined, { code: "directory_unavailable", cause: met }],
    ["the caller's wait", new RateLimitError(2_500), undefined, { retryAfterSeconds: 3 }],
    [
      "and Graph's failure, if a retry exceeded the caller's rate limit",
      new RateLimitError(1_000),
      met,
      { name: "RateLimitError", cause: { code: "directory_unavailable", cause: met } },
    ],
  ])("%s", (_, error, lastFailure, expected) => {
    expect(toReadFailure(error, { attempts: 2, lastFailure })).toMatchObject({ attempts: 2, ...expected });
  });
});
