import { defineConfig } from "vitest/config";

// What Stryker runs for each mutant. The oracle's worlds are millions: what only they kill would show elsewhere.
export default defineConfig({
  test: {
    include: ["tests/unit/**/*.test.ts"],
    exclude: ["tests/unit/decide.oracle.test.ts", "tests/unit/layers.test.ts"],
  },
});
