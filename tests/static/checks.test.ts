import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { needs } from "../../tools/test/needs.ts";

// What does not run the code.

const withExamples = await needs("examples");

/** Runs a command from node_modules. Returns its output if it fails. */
async function complaints(name: string, ...args: string[]): Promise<string> {
  const bin = join(repositoryRoot, "node_modules", ".bin", name);
  const options = { cwd: repositoryRoot, shell: process.platform === "win32" };
  return await promisify(execFile)(bin, args, options).then(
    () => "",
    ({ message, stdout }) => `${message}\n${stdout}`,
  );
}

test("types", async () => expect(await complaints("tsc", "--noEmit")).toBe(""));

test("types of the console", async () => expect(await complaints("tsc", "--project", "console")).toBe(""));

test("types of the examples", withExamples, async () =>
  expect(await complaints("tsc", "--project", "examples")).toBe(""),
);

test("format, lint, layers", async () =>
  expect(await complaints("biome", "ci", "--error-on-warnings", ".")).toBe(""));

test("unused code and dependencies", async () =>
  expect(await complaints("knip", "--treat-config-hints-as-errors")).toBe(""));
