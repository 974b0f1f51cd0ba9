import { spawn } from "node:child_process";
import { join } from "node:path";
import { repositoryRoot } from "../../tools/repository-paths.ts";

/** How a run of the command line ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `lkps` as a process of its own, with nothing of this one's environment but what it needs to run.
 *
 * @param args - as typed behind `npm run lkps --`
 * @param program - Node's own arguments: the repository's program by default
 * @param cwd - the folder to run it in
 */
export async function runLkps(
  args: readonly string[],
  env: Record<string, string> = {},
  program: readonly string[] = [join(repositoryRoot, "cli", "lkps.ts")],
  cwd = repositoryRoot,
): Promise<Ran> {
  const child = spawn(process.execPath, [...program, ...args], {
    cwd,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: process.env["HOME"] ?? "",
      // Else a sign-in waits for what a machine may have: az, PowerShell, a metadata service.
      AZURE_TOKEN_CREDENTIALS: "EnvironmentCredential",
      npm_lifecycle_event: "lkps",
      ...env,
    },
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
