import { availableParallelism } from "node:os";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

/** The tests in a folder of `tests`. */
function project(name: string, options: TestProjectInlineConfiguration["test"] = {}) {
  return {
    test: {
      name,
      include: [`tests/${name}/**/*.test.ts`],
      // For a machine that is busy with something else: what hangs costs minutes, and nothing fails for being late.
      testTimeout: 300_000,
      hookTimeout: 300_000,
      expect: { poll: { timeout: 120_000 } },
      ...options,
    },
  };
}

/** Many files in one process: each restores what it fakes. */
const shared = { isolate: false, unstubEnvs: true, unstubGlobals: true, restoreMocks: true };
const globalSetup = ["tools/test/set-up.ts"];

export default defineConfig({
  test: {
    projects: [
      project("static"),
      project("unit", shared),
      project("integration"),
      project("e2e", { globalSetup }),
      project("infra", { globalSetup, ...shared }),
      project("ocelot", { globalSetup }),
      project("livekit"),
    ],
    globalSetup,
    reporters: ["default", "./tools/test/summary-reporter.ts"],
    // By default, Vitest leaves one core idle, which is half of a machine with two cores; and many tests wait for time limits.
    maxWorkers: Math.max(3, availableParallelism() - 1),
  },
});
