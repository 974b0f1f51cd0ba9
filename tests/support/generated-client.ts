import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Stack } from "../../dev/stack.ts";
import { EXAMPLE } from "../../tools/openapi/example-ids.ts";
import { distDirectory, repositoryRoot } from "../../tools/repository-paths.ts";
import { accessTokenOf } from "./access-token.ts";
import { runPackage } from "./run-package.ts";

/** The OpenAPI document that generators read. */
export const openApiFile = join(distDirectory, "docs", "openapi.json");

/** Access tokens of an agent, of a client that its owner approved, and of one that its owner did not approve. */
export async function accessTokens(stack: Stack) {
  return {
    agent: await accessTokenOf(stack, EXAMPLE.agent, "agent1-secret"),
    client: await accessTokenOf(stack, EXAMPLE.client, "approved-secret"),
    stranger: await accessTokenOf(stack, EXAMPLE.stranger, "stranger-secret"),
  };
}

/** The end of a TypeScript program that has `registered` its agent and can `start` a session with a token. */
export const startsAndReturns = `
  const started = await start(tokens.client);
  const { error: denial } = await start(tokens.stranger);
  if (denial === undefined || denial.code === "a_code_of_tomorrow") throw denial;
  const { status, code, check, detail } = denial;
  return {
    registered: registered.data?.service_config.enforce_client_authz,
    joins: started.data?.room_name,
    with: started.data?.participant_token,
    denial: { status, code, check, detail },
    unidentified: (await start("not-a-token")).error?.code,
  };
`;

/** What a program returns that registers an agent, starts a session, and is refused as a stranger and without a token. */
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

/** A folder for generated code and a program that uses it, inside the repository so that both find their packages. */
export interface ClientFolder {
  readonly path: string;
  /** Compiles a file and its imports as strictly as LKPS itself. Returns the output of the compiler. */
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
      // The client also runs in browsers.
      const lib = ["ES2024", "DOM", "DOM.Iterable"];
      const settings = { extends: "../../tsconfig.json", compilerOptions: { lib, ...compilerOptions } };
      await writeFile(project, JSON.stringify({ ...settings, include: [file] }));
      const compiler = new URL("bin/tsc", import.meta.resolve("typescript/package.json"));
      return await runPackage(compiler, "--project", project);
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
