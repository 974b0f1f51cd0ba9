import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { repositoryRoot } from "./repository-paths.ts";

// `npm run verify`: the checks that take too long for every change: long test runs, and mutation tests of the
// domain, the use cases, and the cache of Graph.
const runs = [
  ["node_modules/vitest/vitest.mjs", "run", ...process.argv.slice(2)],
  ["node_modules/@stryker-mutator/core/bin/stryker.js", "run"],
];
for (const [script = "", ...args] of runs) {
  const env = { ...process.env, LKPS_VERIFY: "1" };
  const options = { cwd: repositoryRoot, stdio: "inherit", env } as const;
  const child = spawn(process.execPath, [join(repositoryRoot, script), ...args], options);
  process.once("exit", () => child.kill());
  const [code] = await once(child, "exit");
  if (code !== 0) process.exitCode = 1;
}
