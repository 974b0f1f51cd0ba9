import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { summaryOf } from "../../tools/test/summary.ts";

// `npm test` decides what may be merged. What it counts is tested on planted test files, one for each way in which a
// failure could go uncounted.

const SETUP = "the setup of the suite failed";
const throws = '() => { throw new Error("no"); }';
const good = 'test("passes", () => {});';
const needing = (need: string) =>
  `describe("needs ${need}", await needs("${need}"), () => { ${good} ${good} });`;
const because = (what: RegExp) => expect.stringMatching(what);
const UNNEEDED = because(/: skipped, although nothing that it needs is missing$/);

type Counts = { passed?: number; failures?: unknown[]; skipped?: Record<string, number> };

const planted: readonly (readonly [what: string, source: string, counts: Counts])[] = [
  ["passes", good, { passed: 1 }],
  ["fails", `${good} test("fails", ${throws});`, { passed: 1, failures: [because(/ > fails: no$/)] }],
  ["has no test", "", { failures: [because(/: No test suite found/)] }],
  ["imports what does not exist", `import "./missing.ts"; ${good}`, { failures: [because(/missing\.ts/)] }],
  [
    "throws in the beforeAll of a suite",
    `${good} describe("broken", () => { beforeAll(${throws}); ${good} ${good} });`,
    { passed: 1, failures: [because(/ > broken: no$/)], skipped: { [SETUP]: 2 } },
  ],
  [
    "throws in the beforeAll of the file",
    `beforeAll(${throws}); ${good}`,
    { failures: [because(/\.test\.ts: no$/)], skipped: { [SETUP]: 1 } },
  ],
  [
    "throws in an afterAll",
    `afterAll(${throws}); ${good}`,
    { passed: 1, failures: [because(/\.test\.ts: no$/)] },
  ],
  [
    "rejects outside of its tests",
    `void Promise.reject(new Error("no")); ${good}`,
    { passed: 1, failures: [because(/^outside of the tests: no$/)] },
  ],
  ["needs what is missing", needing("bicep"), { skipped: { "no Bicep here": 2 } }],
  ["needs what is there", needing("openssl"), { passed: 2 }],
  ["skips without a need", `test.skip("skips", () => {}); ${good}`, { passed: 1, failures: [UNNEEDED] }],
  [
    "skips although what it needs is there",
    'test("skips", { skip: true, meta: { need: "openssl" } }, () => {});',
    { failures: [UNNEEDED] },
  ],
  ["runs one test only", `test.only("one", () => {}); ${good}`, { passed: 1, failures: [UNNEEDED] }],
  ["leaves a test to do", `test.todo("later"); ${good}`, { passed: 1, failures: [UNNEEDED] }],
];

describe("a test file counts if it", () => {
  let outcomes: unknown[];

  beforeAll(async () => {
    // Inside of the repository, where `vitest` resolves.
    await mkdir(join(repositoryRoot, ".local"), { recursive: true });
    const folder = await mkdtemp(join(repositoryRoot, ".local", "planted-"));
    const imports = `import { afterAll, beforeAll, describe, expect, test } from "vitest";
      import { needs } from "../../tools/test/needs.ts";`;
    const files = planted.map(([what]) => join(folder, `${what.replaceAll(" ", "-")}.test.ts`));
    for (const [n, file] of files.entries()) await writeFile(file, `${imports}\n${planted[n]?.[1]}\n`);
    outcomes = await outcomesOf(files).finally(() => rm(folder, { recursive: true, force: true }));
  });

  test.each(planted.map(([what, , counts], n) => ({ what, counts, n })))("$what", ({ counts, n }) => {
    expect(outcomes[n]).toEqual({ passed: 0, failures: [], skipped: {}, ...counts });
  });
});

/** What the runner counts in each of these files, on a machine with openssl and without Bicep. */
function outcomesOf(files: readonly string[]): Promise<unknown[]> {
  const script = `
    import { runStage } from "./tools/test/stages.ts";
    const outcomes = [];
    for (const file of process.argv.slice(1)) {
      const outcome = await runStage({ name: "planted", needs: [] }, [file]);
      outcomes.push({ ...outcome, skipped: Object.fromEntries(outcome.skipped) });
    }
    process.stdout.write("\\n" + JSON.stringify(outcomes));
    process.exit(0);`;
  const LKPS_TEST_NEEDS = JSON.stringify({ bicep: "no Bicep here", openssl: null });
  // Without what Vitest tells its own workers.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
  const args = [
    "--input-type=module",
    "--eval",
    script,
    ...files.map((file) => relative(repositoryRoot, file)),
  ];
  const options = { cwd: repositoryRoot, env: { ...env, LKPS_TEST_NEEDS } };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error !== null) return reject(new Error(stdout + stderr));
      resolve(JSON.parse(stdout.slice(stdout.lastIndexOf("\n"))));
    });
  });
}

test("the summary says each failure and each reason in one line, and ends with the counts", () => {
  const failures = ["types"];
  const skipped = new Map([
    ["no .NET SDK", 2],
    ["no openssl", 1],
  ]);
  expect(summaryOf({ passed: 3, failures, skipped }, ["unit 1.0 s", "e2e 2.0 s"])).toEqual([
    "✗ types",
    "Time: unit 1.0 s, e2e 2.0 s",
    "Skipped 2 tests: no .NET SDK",
    "Skipped 1 test: no openssl",
    "3 passed, 1 failed, 3 skipped",
  ]);
  const clean = { passed: 3, failures: [], skipped: new Map() };
  expect(summaryOf(clean, []).at(-1)).toBe("3 passed, 0 failed");
});
