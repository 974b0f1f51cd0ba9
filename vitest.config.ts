import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // For a machine that is busy with something else: what hangs costs a minute, and nothing fails for being late.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
