import { expect, test } from "vitest";
import { DependencyError } from "../../src/domain/dependency-error.ts";

test("keeps its code, message, cause, and number of attempts", () => {
  const cause = new Error("connect ECONNREFUSED");
  const error = new DependencyError("directory_unavailable", "No answer", { cause, attempts: 3 });
  expect(error).toBeInstanceOf(Error);
  expect({ ...error, message: error.message, cause: error.cause }).toEqual({
    name: "DependencyError",
    code: "directory_unavailable",
    message: "No answer",
    cause,
    attempts: 3,
    retryAfterSeconds: 1,
  });
});

test("has no cause if none is known, so that a log line ends there", () => {
  expect(new DependencyError("storage_unavailable", "No answer")).not.toHaveProperty("cause");
  expect(new DependencyError("storage_unavailable", "No answer", { attempts: 0 })).toMatchObject({
    attempts: 0,
    retryAfterSeconds: 1,
  });
});

test.each([
  [undefined, 1],
  [-3, 1],
  [0, 1],
  [0.2, 1],
  [1, 1],
  [1.01, 2],
  [17, 17],
])("tells callers when to retry in whole seconds: %s becomes %i", (retryAfterSeconds, whole) => {
  expect(new DependencyError("directory_unavailable", "", { retryAfterSeconds }).retryAfterSeconds).toBe(
    whole,
  );
});
