import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { baseEnvironment } from "../../dev/stack/base-environment.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";

// Turns off telemetry.
const quiet = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };

/**
 * Runs the command of an installed package, on this process's own Node.
 *
 * @param script - where it is, as `import.meta.resolve` says
 * @returns what it wrote to its output
 * @throws with all that it said, if it ends with another code than 0
 */
export async function runPackage(script: string | URL, ...args: string[]): Promise<string> {
  const options = { cwd: repositoryRoot, env: { ...baseEnvironment(), ...quiet } };
  try {
    return (await promisify(execFile)(process.execPath, [fileURLToPath(script), ...args], options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${script} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}
