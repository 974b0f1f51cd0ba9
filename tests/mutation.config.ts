import { defineConfig } from "vitest/config";

// What Stryker runs for each mutant: all but the oracle's millions of worlds, or a run takes several times as long, and the
// limits of processor time, which instrumented code exceeds.
export default defineConfig({
  test: {
    include: ["tests/unit/**/*.test.ts"],
    exclude: ["tests/unit/decide.oracle.test.ts", "tests/unit/body-cost.test.ts"],
    // What hangs is Stryker's to end.
    testTimeout: 60_000,
  },
});
