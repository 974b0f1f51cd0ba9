import { describe, expect, test } from "vitest";
import { graphUnavailable } from "../../src/adapters/graph/graph-unavailable.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";

const met = new Error("Graph returned 503");
const timeout = new Error("No response within 5000 ms");
const withCause = new Error("fetch failed", { cause: new Error("ECONNRESET") });

describe("the cause of a read without a usable answer", () => {
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
  [3, "Microsoft Graph returned no usable response"],
])("after %d attempts the directory is unavailable: %s", (attempts, message) => {
  const error = graphUnavailable(timeout, { attempts });
  expect(error).toBeInstanceOf(DependencyError);
  expect(error).toMatchObject({ code: "directory_unavailable", message, attempts });
});
