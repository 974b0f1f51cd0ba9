import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLiveKitStandIn } from "../../dev/livekit/start-livekit-stand-in.ts";
import { packCli } from "../../tools/pack-cli.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { needs } from "../../tools/test/needs.ts";
import { type Ran, runLkps, spawnLkps } from "../support/run-lkps.ts";
import { useFolder, useService } from "../support/use-service.ts";

const run = promisify(execFile);
const guide = await readFile(join(repositoryRoot, "docs/cli.md"), "utf8");

const folder = useFolder();
let file: string;
let installed: string;
/** An empty folder, in which the packed command line runs. */
let empty: string;

const livekit = await startLiveKitStandIn();
afterAll(livekit.close);
const service = useService({ settings: { LIVEKIT_URL: livekit.url } });
/** The session that a run started last. */
let session = "";
beforeAll(async () => {
  [empty, installed] = [join(folder, "empty"), join(folder, "installed")];
  await mkdir(empty);
  await mkdir(installed);
  file = await packCli(join(folder, "packed"));
  await writeFile(join(installed, "package.json"), "{}");
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", file], { cwd: installed });
});

const launcher = () => join(installed, "node_modules", "lkps-cli", "launch.cjs");
const here = () => {
  const { gatewayUrl, appUrl, entra } = service.stack;
  return { LKPS_URL: gatewayUrl, LKPS_APP_URL: appUrl, LKPS_ENTRA_URL: entra.url };
};
function lkps(args: readonly string[], env: Record<string, string> = {}, nodeArgs: string[] = []) {
  return spawnLkps(args, { ...here(), npm_lifecycle_event: "npx", ...env }, [...nodeArgs, launcher()], empty);
}

test("the package is one file of at most 1 MB, without dependencies", async () => {
  expect((await stat(file)).size).toBeLessThanOrEqual(1_000_000);
  expect(await readdir(join(installed, "node_modules"))).toEqual([".bin", ".package-lock.json", "lkps-cli"]);
});

test("npx runs the packed file, which prints its version", async () => {
  const { version } = JSON.parse(await readFile(join(repositoryRoot, "package.json"), "utf8"));
  expect(basename(file)).toBe(`lkps-cli-${version}.tgz`);
  await copyFile(file, join(empty, basename(file)));
  const env = { ...process.env, npm_config_cache: join(folder, "npm-cache") };
  const args = ["--yes", "--offline", `./${basename(file)}`, "--version"];
  const { stdout } = await run("npx", args, { cwd: empty, env });
  expect(stdout).toBe(`${version}\n`);
});

test.each<[string[], Partial<Ran>]>([
  [["check"], { stdout: "", stderr: "✗ lkps needs Node 20.11 or newer; this is Node 20.10.0.\n" }],
  [["check", "--json"], { stdout: expect.stringMatching(/^{\n {2}"error": {\n {4}"code": "node_too_old"/) }],
])("an older Node gets one sentence: %j", async (args, expected) => {
  const older = `Object.defineProperty(process, "versions", { value: { node: "20.10.0" } });`;
  const preload = join(folder, "older.cjs");
  await writeFile(preload, older);
  expect(await lkps(args, {}, ["--require", preload])).toMatchObject({ code: 2, ...expected });
});

test("the oldest Node that lkps runs on is the same wherever it is offered", async () => {
  const files = [
    "package.json",
    "README.md",
    "CONTRIBUTING.md",
    "docs/cli.md",
    "tools/bootstrap.mjs",
    "cli/launch.cjs",
  ];
  for (const name of files) {
    const text = await readFile(join(repositoryRoot, name), "utf8");
    const numbers = [...text.matchAll(/(?:Node |"node": ">=)(\d+\.\d+)(?= or (?:newer|later)|")/g)].map(
      ([, number]) => number,
    );
    expect(new Set(numbers), name).toEqual(new Set(["20.11"]));
  }
});

const RIGHT = ["--agent", "everything right"];
const AS_RIGHT = ["--local", "--as", "everything right"];
const NOWHERE = { LKPS_ENTRA_URL: "http://127.0.0.1:9" };
/** Stands for the session that was started last. */
const SESSION = "<session id>";
/** The output and exit code of each command, run in this order on one stack. */
const runs: readonly [
  code: 0 | 1 | 2,
  args: string[],
  output: string | RegExp,
  env?: Record<string, string>,
][] = [
  [
    1,
    ["check", "--local", ...RIGHT, "--client", "approved"],
    /DENIED {2}agent_not_registered.*\nOnce .*ALLOWED/,
  ],
  [1, ["start", "--local", "--as", "approved", ...RIGHT], "404  agent_not_registered"],
  [1, ["authorization", ...AS_RIGHT], "Not registered with LKPS"],
  [0, ["register", ...AS_RIGHT, "--opt-out"], "Enforcement is off"],
  [0, ["check", "--local", ...RIGHT, "--client", "stranger"], /ALLOWED {2}enforcement_disabled[\s\S]*DENIED/],
  [0, ["evaluate", "--local", "--as", "stranger", ...RIGHT], "ALLOWED  enforcement_disabled"],
  [0, ["start", "--local", "--as", "stranger", ...RIGHT], "✓ Session"],
  [1, ["rehearsal", ...AS_RIGHT], '"Client (stranger)"'],
  [0, ["authorization", ...AS_RIGHT], /How to fix it:\n {3}Enforcement is off/],
  [0, ["report", "--local", ...RIGHT, "-o", "report.html"], "Any client application may start sessions"],
  [2, ["report", "--local", ...RIGHT, "-o", "report.html"], "already exists"],
  [1, ["start", "--local", "--as", "approved", ...RIGHT, "--deployment", "x"], "403  deployment_not_allowed"],
  [0, ["register", ...AS_RIGHT], "Enforcement is on"],
  [0, ["check", "--local", ...RIGHT, "--client", "approved"], "ALLOWED  pre_authorized"],
  [
    1,
    ["check", "--local", ...RIGHT, "--client", "listed"],
    'entry of c11e4700-0000-4000-8000-000000000003 "Client (listed',
  ],
  [1, ["evaluate", "--local", "--as", "stranger", ...RIGHT], "DENIED  client_not_pre_authorized"],
  [0, ["evaluate", ...AS_RIGHT, "--client", "approved"], "ALLOWED  pre_authorized"],
  [2, ["evaluate", "--local", "--as", "approved", ...RIGHT, "--client", "stranger"], "not_your_decision"],
  [2, ["evaluate", "--local", "--as", "approved"], "Name the agent with --agent"],
  [1, ["start", "--local", "--as", "stranger", ...RIGHT], "403  client_not_pre_authorized"],
  [0, ["rehearsal", "--local", "--as", "no scope"], "No client started a session"],
  [0, ["sessions", ...AS_RIGHT], '"Client (stranger)"'],
  [0, ["end", ...AS_RIGHT, "--session", SESSION], "✓ Ended"],
  [0, ["usage", ...AS_RIGHT], '"Client (stranger)"'],
  [0, ["doctor", "--local", "--as", "approved"], '"Client (approved)"'],
  [1, ["doctor", "--url", "http://127.0.0.1:9"], "no answer"],
  [0, ["unregister", ...AS_RIGHT], /✓ Not registered {2}\S+ "Agent \(everything right\)"/],
  [0, ["completion", "bash"], "complete -o default -F _lkps lkps"],
  [2, ["completion", "csh"], "Allowed choices are bash, zsh, fish"],
  [2, ["doctor", "--local"], "The local stack is not running", NOWHERE],
  ...["register", "unregister", "authorization", "rehearsal", "sessions", "usage"].map(
    (name): (typeof runs)[number] => [2, [name, ...AS_RIGHT], "The local stack is not running", NOWHERE],
  ),
  ...["check", "report", "start", "end"].map((name): (typeof runs)[number] => [
    2,
    [
      name,
      ...(name === "end" ? ["--as", "x", "--session", "x"] : RIGHT),
      ...(name === "check" ? ["--client", "x"] : []),
      ...(name === "start" ? ["--as", "x"] : []),
      "--local",
    ],
    "The local stack is not running",
    NOWHERE,
  ]),
];

/** Of each command, the first run that succeeds is from the packed file, in an empty folder; the others are in this process. */
const packed = Object.values(Object.groupBy(runs, ([, [name = ""]]) => name)).map((of) =>
  of?.find(([code]) => code !== 2),
);

describe("the packed file, and the repository's program,", () => {
  test.each(runs.map((run) => [...run, packed.includes(run)] as const))(
    "exit with %i for lkps %j",
    async (...run) => {
      const [code, given, output, env] = run as unknown as (typeof runs)[number];
      const args = given.map((each) => (each === SESSION ? session : each));
      const ran =
        run.at(-1) === true
          ? await lkps(args, env)
          : await runLkps(args, { ...here(), INIT_CWD: empty, ...env });
      expect([ran.code, ran.stdout + ran.stderr]).toEqual([
        code,
        typeof output === "string" ? expect.stringContaining(output) : expect.stringMatching(output),
      ]);
      session = /✓ Session {2}(\S+)/.exec(ran.stdout)?.[1] ?? session;
      // A failure is one line.
      if (env === NOWHERE)
        expect(ran).toMatchObject({ stdout: "", stderr: expect.stringMatching(/^✗ [^\n]+\n$/) });
    },
  );

  test("the report has its styles", async () => {
    const page = await readFile(join(empty, "report.html"), "utf8");
    expect(page).toMatch(/<style>[^<]{1000,}<\/style>/);
    expect(page).toMatch(/How to fix it<\/h2>\s*<ol class="steps"><li>Enforcement is off/);
  });
});

test("docs/cli.md explains each exit code of each command, and all of them are tested", async () => {
  const rows = [...guide.matchAll(/^\| (`[^|]*`) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$/gm)];
  const documented = rows.flatMap(([, names = "", ...cells]) =>
    [...names.matchAll(/`(\w+)`/g)].flatMap(([, name]) =>
      cells.flatMap((cell, code) => (cell.trim() === "–" ? [] : [`${name} ${code}`])),
    ),
  );
  expect([...new Set(documented)].sort()).toEqual(
    [...new Set(runs.map(([code, [name]]) => `${name} ${code}`))].sort(),
  );
});

test.each<[string, number, string | RegExp]>([
  ["| true", 0, ""],
  // Linux has it.
  ...(existsSync("/dev/full")
    ? [
        [">/dev/full", 2, /^The output could not be written: ENOSPC[^\n]*\n$/] satisfies [
          string,
          number,
          RegExp,
        ],
      ]
    : []),
])("output that nobody takes is no stack trace: %s", await needs("posix"), async (where, code, output) => {
  const script = `"$0" "$1" --help ${where}; exit "\${PIPESTATUS[0]}"`;
  const { status, stderr } = spawnSync("bash", ["-c", script, process.execPath, launcher()], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([code, output === "" ? "" : expect.stringMatching(output)]);
});

test("bash completes commands, options and shells", await needs("posix"), async () => {
  const complete = async (...words: string[]) => {
    const script = `eval "$(cat)"; COMP_WORDS=(lkps ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}; _lkps; echo "\${COMPREPLY[*]}"`;
    const child = run("bash", ["-c", script]);
    child.child.stdin?.end((await lkps(["completion", "bash"])).stdout);
    return (await child).stdout.trim();
  };
  expect(await complete("un")).toBe("unregister");
  expect(await complete("start", "--to")).toBe("--token --token-file");
  expect(await complete("completion", "f")).toBe("fish");
});
