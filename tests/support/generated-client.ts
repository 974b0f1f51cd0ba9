import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Stack } from "../../dev/stack.ts";
import { EXAMPLE } from "../../src/contract/example-ids.ts";
import { distDirectory, repositoryRoot } from "../../tools/repository.ts";
import { accessTokenOf } from "./access-token.ts";
import { runPackage } from "./run-package.ts";

/** The document that generators get. */
export const openApiFile = join(distDirectory, "docs", "openapi.json");

/** Access tokens of those who call: an agent, a client that its owner approved, and one that its owner did not. */
export async function accessTokens(stack: Stack) {
  return {
    agent: await accessTokenOf(stack, EXAMPLE.agent, "agent1-secret"),
    client: await accessTokenOf(stack, EXAMPLE.client, "approved-secret"),
    stranger: await accessTokenOf(stack, EXAMPLE.stranger, "stranger-secret"),
  };
}

/** What a program sees that registers an agent, starts a session with it, and is refused twice. */
export const seenByProgram = {
  registered: true,
  joins: expect.stringMatching(/^lkps-/),
  with: expect.stringMatching(/^eyJ/),
  denial: {
    status: 403,
    code: "client_not_pre_authorized",
    check: 2,
    detail: expect.stringContaining("Check 2 of 3 failed"),
  },
  unidentified: "invalid_token",
};

/** A folder for generated code and a program that uses it: inside the repository, so that both find their packages. */
export interface ClientFolder {
  readonly path: string;
  /** Compiles a file of it and all that this imports, as strictly as LKPS itself; answers what the compiler says. */
  compile(file: string, compilerOptions?: object): Promise<string>;
  remove(): Promise<void>;
}

/** Makes such a folder. */
export async function makeClientFolder(name: string): Promise<ClientFolder> {
  const path = join(repositoryRoot, ".local", `${name}-${process.pid}`);
  await mkdir(path, { recursive: true });
  return {
    path,
    async compile(file, compilerOptions = {}) {
      const project = join(path, `${file.replaceAll(/\W/g, "-")}.json`);
      // It is for browsers too.
      const lib = ["ES2024", "DOM", "DOM.Iterable"];
      const settings = { extends: "../../tsconfig.json", compilerOptions: { lib, ...compilerOptions } };
      await writeFile(project, JSON.stringify({ ...settings, include: [file] }));
      const compiler = new URL("bin/tsc", import.meta.resolve("typescript/package.json"));
      return await runPackage(compiler, "--project", project);
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
