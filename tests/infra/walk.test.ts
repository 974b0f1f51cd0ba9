import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { repositoryRoot } from "../../tools/repository.ts";
import { needs } from "../../tools/test/needs.ts";
import { checkArguments } from "../support/documented-cli/check-arguments.ts";

// Pastes the guides' commands into Bash, block by block, with stand-ins for every program that is not here.

const SECRET = "the-secret-that-nobody-else-may-read";
const programs = ["az", "azd", "npm", "git", "curl", "zip", "dotnet"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lkps-walk-"));
  for (const name of ["bin", "home", "repository/dist"]) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["infra", "package.json"]) {
    symlinkSync(join(repositoryRoot, name), join(folder, "repository", name));
  }
  const standIn = join(repositoryRoot, "tests/support/documented-cli/stand-in.ts");
  const script = (text: string) => `#!/bin/sh\n${text}\n`;
  for (const program of programs) {
    const text = script(`exec "${process.execPath}" "${standIn}" ${program} "$@"`);
    writeFileSync(join(folder, "bin", program), text, { mode: 0o755 });
  }
  // The smoke test would call the app; its own tests do.
  const node = `case "$1" in *smoke.mjs) : "\${LKPS_URL:?}" "\${LKPS_FUNCTION_APP:?}" "\${AZURE_RESOURCE_GROUP:?}";; *) exec "${process.execPath}" "$@";; esac`;
  writeFileSync(join(folder, "bin", "node"), script(node), { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const blocksOf = (guide: string) =>
  [...readFileSync(join(repositoryRoot, "docs", guide), "utf8").matchAll(/^```sh tenant\n(.*?)^```$/gms)].map(
    ([, block = ""]) => block,
  );

/** What a reader types after pasting a block: what its last line asks for. */
function answersTo(block: string): string[] {
  const last = block.trimEnd().split("\n").at(-1) ?? "";
  if (/\bread -r/.test(last)) return [last.includes("SECRET") ? SECRET : "a1b2c3d"];
  if (/^azd up\b/.test(last)) return ["1", "2"];
  if (/^azd down\b/.test(last) || (/^azd provision\b/.test(last) && !last.includes("--preview")))
    return ["y"];
  return /^az login\b/.test(last) ? ["1"] : [];
}

/** Runs blocks in one shell, as if they were pasted, and returns what failed. */
function paste(blocks: readonly string[]): { failed: string[]; done: number; stderr: string; calls: string } {
  const preamble = `set -uE -o pipefail\ntrap 'echo "$BASH_COMMAND" >>"$WALK/failed"' ERR\n`;
  const session = blocks.map((block, n) =>
    [block.trimEnd(), ...answersTo(block), `echo ${n} >>"$WALK/done"`].join("\n"),
  );
  writeFileSync(join(folder, "session"), `${preamble}${session.join("\n")}\n`);
  const { stderr } = spawnSync("bash", ["-c", 'exec bash --norc <"$WALK/session"'], {
    encoding: "utf8",
    cwd: join(folder, "repository"),
    env: {
      PATH: `${join(folder, "bin")}:/usr/bin:/bin`,
      HOME: join(folder, "home"),
      WALK: folder,
      SECRET,
    },
  });
  const lines = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").trimEnd().split("\n") : [];
  return { failed: lines("failed"), done: lines("done").length, stderr, calls: lines("calls").join("\n") };
}

/** As after `azd up` and the grant, for guides that start from there. */
function deploy(): void {
  const np = {
    AZURE_ENV_NAME: "np",
    AZURE_RESOURCE_GROUP: "rg-lkps-np-westeurope",
    LKPS_FUNCTION_APP: "func-lkps-np",
    LKPS_URL: "https://func-lkps-np.azurewebsites.net",
    LKPS_KEY_VAULT: "kv-lkps-np",
    LKPS_STORAGE_ACCOUNT: "stlkpsnp",
  };
  writeFileSync(join(folder, "azd.json"), JSON.stringify({ selected: "np", environments: { np } }));
}

test.each([
  // azd up stops for the grant, which is the next step.
  { guide: "deploy.md", isDeployed: false, failures: ["azd up"] },
  { guide: "gateway.md", isDeployed: true, failures: [] },
  { guide: "operators.md", isDeployed: true, failures: [] },
  { guide: "environments.md", isDeployed: false, failures: [] },
])(
  "every command in $guide works when it is pasted into Bash, in order",
  { ...(await needs("posix")), timeout: 180_000 },
  ({ guide, isDeployed, failures }) => {
    if (isDeployed) deploy();
    const blocks = blocksOf(guide);
    expect(blocks.length).toBeGreaterThan(0);
    const { failed, done, stderr, calls } = paste(blocks);
    expect(failed, stderr).toEqual(failures);
    expect(done, stderr).toBe(blocks.length);
    expect(calls).not.toContain(SECRET);
  },
);

test("a secret is asked for before it is read, and a command that asks is the last one of its block", () => {
  for (const block of ["deploy.md", "gateway.md", "operators.md"].flatMap(blocksOf)) {
    const lines = block.trimEnd().split("\n");
    expect(lines.filter((line) => /\bread -/.test(line) && !/^printf '[^']+: '; read -/.test(line))).toEqual(
      [],
    );
    const asking = lines.findIndex((line) => answersTo(line).length > 0);
    expect([-1, lines.length - 1], block).toContain(asking);
  }
});

test.each([
  ["az functionapp keys list --names x -g y", "unknown option --names"],
  ["az functionapp keys list -n x", "--resource-group|-g is missing"],
  ["az functionapp keys set -g x -n y --key-name z --key-type functionKey", "does not take functionKey"],
  ["az functionapp key list -g x -n y", "unknown command"],
  ["az group create -n x -l ", "an empty argument after -l"],
  ["azd up np", "unexpected argument np"],
  ["azd env get-value", "<keyName> is missing"],
  ["azd provision --no-states", "unknown option --no-states"],
])("the stand-ins reject what the documentation does not have: %s", (command, error) => {
  expect(() => checkArguments(command.split(" "))).toThrow(error);
});

test("the workflows' commands are as their tools document them", () => {
  const steps = ["deploy.yml", "what-if.yml", "test.yml"].flatMap((file) => {
    const workflow = parse(readFileSync(join(repositoryRoot, ".github/workflows", file), "utf8"));
    return Object.values<{ steps?: { run?: string }[] }>(workflow.jobs).flatMap((job) => job.steps ?? []);
  });
  const commands = steps
    .flatMap(({ run = "" }) => run.replaceAll(/\\\n\s*/g, "").split("\n"))
    .flatMap((line) => /^azd? .*?(?= \||$)/.exec(line)?.[0] ?? []);
  expect(commands.length).toBeGreaterThan(3);
  for (const command of commands) checkArguments(command.split(/\s+/));
});
