import { spawn } from "node:child_process";
import { repositoryRoot } from "../../tools/repository-paths.ts";

/** How a run of the command line ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Nothing of this process's environment but what lkps needs to run. */
const environment = (env: Readonly<Record<string, string>>) => ({
  PATH: process.env["PATH"] ?? "",
  HOME: process.env["HOME"] ?? "",
  // Else a sign-in waits for what a machine may have: az, PowerShell, a metadata service.
  AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential",
  npm_lifecycle_event: "lkps",
  ...env,
});

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs `lkps` in this process, one run after the other, because a run has the process's streams and environment. It takes
 * a tenth of the time that a process of its own takes. How it was started and where (`npm_lifecycle_event`, `INIT_CWD`) is
 * read once in a test file.
 *
 * @param args - as typed behind `npm run lkps --`
 */
export function runLkps(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const run = last.then(async () => {
    const { env: own, stdout, stderr } = process;
    const writes = [stdout.write, stderr.write] as const;
    const output = { stdout: "", stderr: "" };
    process.env = environment(env);
    stdout.write = (text) => {
      output.stdout += text;
      return true;
    };
    stderr.write = (text) => {
      output.stderr += text;
      return true;
    };
    try {
      const { runCommandLine } = await import("../../cli/program.ts");
      return { code: await runCommandLine(args), ...output };
    } finally {
      process.env = own;
      [stdout.write, stderr.write] = writes;
    }
  });
  last = run.catch(() => {});
  return run;
}

/**
 * Runs `lkps` as a process of its own.
 *
 * @param program - Node's own arguments, the program among them
 * @param cwd - the folder to run it in
 */
export async function spawnLkps(
  args: readonly string[],
  env: Record<string, string>,
  program: readonly string[],
  cwd = repositoryRoot,
): Promise<Ran> {
  const child = spawn(process.execPath, [...program, ...args], {
    cwd,
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output.stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, ...output };
}
