import { expect, test } from "vitest";
import { DependencyError } from "../../src/domain/dependency-error.ts";

test("has no cause if none is known, so that a log line ends there", () => {
  expect(new DependencyError("storage_unavailable", "No answer")).not.toHaveProperty("cause");
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
