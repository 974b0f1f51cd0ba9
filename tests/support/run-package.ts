import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "../../tools/repository.ts";
import { baseEnvironment } from "../../tools/stack/base-environment.ts";

// Nothing about a run of the tests is anybody else's business.
const quiet = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", DO_NOT_TRACK: "1" };

/**
 * Runs the command of an installed package.
 *
 * @returns what it wrote to its output
 * @throws with all that it said, if it ends with another code than 0
 */
export async function runPackage(name: string, ...args: string[]): Promise<string> {
  const options = { cwd: repositoryRoot, env: { ...baseEnvironment(), ...quiet } };
  const command = join(repositoryRoot, "node_modules", ".bin", name);
  try {
    return (await promisify(execFile)(command, args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${name} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}
