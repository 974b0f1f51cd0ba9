import { spawn } from "node:child_process";
import { join } from "node:path";
import { examplesDirectory, installExamples } from "../install-examples.ts";
import { repositoryRoot } from "../repository-paths.ts";
import type { Outcome } from "./outcome.ts";
import { seconds } from "./seconds.ts";

/** Runs a check and counts it like a test. */
export async function check(name: string, work: () => Promise<unknown>): Promise<Outcome> {
  const startedAt = performance.now();
  try {
    await work();
    console.log(`✓ ${name} (${seconds(startedAt)})`);
    return { passed: 1, failures: [], skipped: new Map() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.log(`✗ ${name} (${seconds(startedAt)})\n${message}`);
    return { passed: 0, failures: [`${name}: ${message.split("\n", 1)[0]}`], skipped: new Map() };
  }
}

/** Runs all checks that do not run the code. */
export function staticChecks(): Promise<Outcome[]> {
  return Promise.all([
    check("types", () => command("tsc", "--noEmit")),
    check("format, lint, layers", () => command("biome", "ci", "--error-on-warnings", ".")),
    check("examples: types", async () => {
      await installExamples();
      await command("tsc", "--project", examplesDirectory);
    }),
    check("unused code and dependencies", () => command("knip", "--treat-config-hints-as-errors")),
  ]);
}

/** Runs a command from node_modules. @throws with its output if it fails */
async function command(name: string, ...args: string[]): Promise<void> {
  const bin = join(repositoryRoot, "node_modules", ".bin", name);
  const child = spawn(bin, args, { cwd: repositoryRoot, shell: process.platform === "win32" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`${output}${name} ${args.join(" ")}: exit code ${code}`);
}
