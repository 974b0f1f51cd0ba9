import { spawn } from "node:child_process";
import { join } from "node:path";
import { repositoryRoot } from "./repository-paths.ts";

// `npm run verify`: the checks that take too long for every change: long test runs, and mutation tests of the
// domain, the use cases, and the cache of Graph.

/** Runs a Node script and shows its output. Returns its exit code. */
async function run(
  script: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<number> {
  const child = spawn(process.execPath, [join(repositoryRoot, script), ...args], {
    cwd: repositoryRoot,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  return await new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve(code ?? 1));
  });
}

const tests = await run("tools/test.ts", process.argv.slice(2), { LKPS_VERIFY: "1" });
const mutants = await run("node_modules/@stryker-mutator/core/bin/stryker.js", ["run"]);
process.exit(tests === 0 && mutants === 0 ? 0 : 1);
