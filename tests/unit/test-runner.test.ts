import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repositoryRoot } from "../../tools/repository-paths.ts";

// `npm test` decides what may be merged. What it counts is tested on planted test files, one for each way in which a
// failure could go uncounted.

const good = 'test("passes", () => {});';
const throws = '() => { throw new Error("no\\nand more"); }';
const planted: Readonly<Record<string, string>> = {
  good,
  fails: `${good} test("fails", ${throws});`,
  empty: "",
  imports: `import "./missing.ts"; ${good}`,
  suiteHook: `${good} describe("broken", () => { beforeAll(${throws}); ${good} ${good} });`,
  fileHook: `beforeAll(${throws}); ${good}`,
  afterAll: `afterAll(${throws}); ${good}`,
  rejects: `void Promise.reject(new Error("no")); ${good}`,
  needs: `describe("needs", { skip: true, meta: { skipped: "no Bicep here" } }, () => { ${good} ${good} });`,
  skips: `test("skips", ({ skip }) => skip("no openssl")); test.skip("for no reason", () => {});`,
  only: `test.only("one", () => {}); ${good}`,
  todo: `test.todo("later"); ${good}`,
};

let folder: string;
let output: string[];

beforeAll(async () => {
  // Inside of the repository, where `vitest` resolves.
  await mkdir(join(repositoryRoot, ".local"), { recursive: true });
  folder = await mkdtemp(join(repositoryRoot, ".local", "planted-"));
  const imports = 'import { afterAll, beforeAll, describe, expect, test } from "vitest";';
  for (const [name, source] of Object.entries(planted)) {
    await writeFile(join(folder, `${name}.test.ts`), `${imports}\n${source}\n`);
  }
  await writeFile(
    join(folder, "vitest.config.ts"),
    'export default { test: { reporters: ["../../tools/test/summary-reporter.ts"] } };',
  );
  output = await run();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the planted tests. Returns the lines of the output and the exit code. */
function run(...filters: string[]): Promise<string[]> {
  // Without what Vitest tells its own workers.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
  const vitest = join(repositoryRoot, "node_modules", "vitest", "vitest.mjs");
  return new Promise((resolve) => {
    execFile(process.execPath, [vitest, "run", ...filters], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve([...`${stderr}${stdout}`.trim().split("\n"), `exit code ${error?.code ?? 0}`]),
    );
  });
}

test("each failure and each reason for a skipped test is one line, and the counts are the last line", () => {
  const at = output.findIndex((line) => line.startsWith("✗ "));
  expect(output.slice(at, -4).sort()).toEqual([
    "✗ afterAll.test.ts: no",
    expect.stringMatching(/^✗ empty\.test\.ts: No test suite found/),
    "✗ fails.test.ts > fails: no",
    "✗ fileHook.test.ts: no",
    expect.stringMatching(/^✗ imports\.test\.ts: .*missing\.ts/),
    "✗ only.test.ts > passes: skipped without a reason",
    "✗ outside of the tests: no",
    "✗ skips.test.ts > for no reason: skipped without a reason",
    "✗ suiteHook.test.ts > broken: no",
    "✗ todo.test.ts > later: skipped without a reason",
  ]);
  expect(output.slice(-4, -2).sort()).toEqual([
    "Skipped 1 test: no openssl",
    "Skipped 2 tests: no Bicep here",
  ]);
  expect(output.slice(-2)).toEqual(["7 passed, 10 failed, 3 skipped", "exit code 1"]);
});

test.each([
  ["good", ["1 passed, 0 failed", "exit code 0"]],
  ["needs", ["Skipped 2 tests: no Bicep here", "0 passed, 1 failed, 2 skipped", "exit code 1"]],
  ["typo", ["✗ no test file matches", "0 passed, 1 failed", "exit code 1"]],
])("a run fails unless a test ran: %s", async (filter, end) => {
  expect((await run(filter)).slice(-end.length)).toEqual(end);
});
