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
import { buildSync } from "esbuild";
import { repositoryRoot } from "../../../tools/repository-paths.ts";

/** What a reader types where a secret is asked for, and what the stand-ins hold as the function key. */
export const SECRET = "the-secret-that-nobody-else-may-read";

const APPLICATION_READ_ALL = "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30";

/** The programs that have a stand-in: stand-in.ts. */
const programs = ["az", "azd", "npm", "git", "curl", "zip", "dotnet"];

/** The shells that readers paste into. In zsh, the shell of every Mac, a `#` starts no comment unless it is told so. */
export type Shell = "bash" | "zsh";

const shells = {
  bash: {
    start: "exec bash --norc",
    preamble: `set -uE -o pipefail\ntrap 'echo "$BASH_COMMAND" >>"$WALK/failed"' ERR`,
  },
  zsh: {
    // As in a terminal, where it treats comments and `!` in its own way, but without its line editor.
    start: "exec zsh -f -i -s +Z",
    preamble: `setopt nounset pipefail\ntrap 'COMMAND=$ZSH_DEBUG_CMD' DEBUG\ntrap 'echo "$COMMAND" >>"$WALK/failed"' ERR`,
  },
} as const satisfies Record<Shell, { start: string; preamble: string }>;

/** The results of pasting. */
interface Pasted {
  /** The commands that failed, in order. */
  readonly failed: readonly string[];
  /** How many blocks ran to their end. */
  readonly done: number;
  readonly stderr: string;
  /** Every call of a stand-in, one per line. */
  readonly calls: string;
}

/**
 * Pastes blocks of commands into one shell, in order, and types the answers that their last lines ask for. Stand-ins are
 * in place of the programs that change something; the scripts in infra/ are the real ones.
 *
 * @param environment - values of an azd environment that was deployed and granted before
 */
export function paste(
  blocks: readonly string[],
  environment?: Readonly<Record<string, string>>,
  shell: Shell = "bash",
): Pasted {
  const folder = mkdtempSync(join(tmpdir(), "lkps-paste-"));
  try {
    makeWorld(folder);
    if (environment !== undefined) {
      const azd = { selected: "np", environments: { np: environment } };
      writeFileSync(join(folder, "azd.json"), JSON.stringify(azd));
      writeFileSync(join(folder, "granted"), APPLICATION_READ_ALL);
    }
    const { start, preamble } = shells[shell];
    // A block's commands can read what follows them; if they read too much, the block's end does not show in `done`.
    const session = blocks.map((block, n) =>
      [block.trimEnd(), ...answersTo(block), `echo ${n} >>"$WALK/done"`].join("\n"),
    );
    writeFileSync(join(folder, "session"), `${[preamble, ...session].join("\n")}\n`);
    const { stderr } = spawnSync("bash", ["-c", `${start} <"$WALK/session"`], {
      encoding: "utf8",
      cwd: join(folder, "repository"),
      env: { PATH: `${folder}/bin:/usr/bin:/bin`, HOME: `${folder}/home`, WALK: folder, SECRET },
    });
    const lines = (name: string) =>
      existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").trimEnd().split("\n") : [];
    return { failed: lines("failed"), done: lines("done").length, stderr, calls: lines("calls").join("\n") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a reader types after pasting a block: what its last line asks for. */
export function answersTo(block: string): string[] {
  const last = block.trimEnd().split("\n").at(-1) ?? "";
  if (/\bread -r/.test(last)) return [last.includes("SECRET") ? SECRET : "a1b2c3d"];
  if (/^azd (down|up)\b/.test(last) || (/^azd provision\b/.test(last) && !last.includes("--preview")))
    return ["y"];
  return /^az login\b/.test(last) ? ["1"] : [];
}

// Bundled, because each call starts Node, which takes longer to read TypeScript than to run it.
function makeWorld(folder: string): void {
  for (const name of ["bin", "home", "repository/dist"]) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ["infra", "package.json"]) {
    symlinkSync(join(repositoryRoot, name), join(folder, "repository", name));
  }
  const addProgram = (name: string, script: string) =>
    writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const standIn = join(folder, "stand-in.mjs");
  buildSync({
    entryPoints: [join(import.meta.dirname, "stand-in.ts")],
    outfile: standIn,
    bundle: true,
    platform: "node",
    format: "esm",
  });
  for (const program of programs)
    addProgram(program, `exec "${process.execPath}" "${standIn}" ${program} "$@"`);
  // The smoke test and the trial would call the app; tests of their own do.
  const needed = `: "\${LKPS_URL:?}" "\${LKPS_FUNCTION_APP:?}" "\${AZURE_RESOURCE_GROUP:?}"`;
  const granted =
    "azd env get-value ENTRA_AUDIENCE >/dev/null && azd env get-value PUBLIC_BASE_URL >/dev/null";
  addProgram(
    "node",
    `case "$1" in *smoke.mjs|*store-key.mjs) ${needed};; *trial.mjs) ${granted};; *) exec "${process.execPath}" "$@";; esac`,
  );
}
