import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@hey-api/openapi-ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXAMPLE } from "../../src/contract/example-ids.ts";
import { distDirectory, repositoryRoot } from "../../tools/repository.ts";
import { accessTokenOf } from "../support/access-token.ts";
import { runPackage } from "../support/run-package.ts";
import { type Service, startService } from "../support/service.ts";

// Inside the repository, so that the generated code finds the compiler's settings.
const folder = join(repositoryRoot, ".local", `openapi-client-${process.pid}`);

/** What the author of a client writes, with nothing but what was generated. */
const written = `
import { createClient } from "./generated/client";
import { startSession } from "./generated/sdk.gen";

export async function start(baseUrl: string, accessToken: string, agent: string) {
  const client = createClient({ baseUrl, auth: ({ type }) => (type === "http" ? accessToken : undefined) });
  const { data, error } = await startSession({ client, body: { agent_entra_app_id: agent } });
  if (data !== undefined) return { joins: data.room_name, with: data.participant_token };
  if (error.code === "a_code_of_tomorrow") throw error;
  return { refused: error.code, because: error.detail };
}

// @ts-expect-error There is no such member.
export const wrong = startSession({ body: { agent_id: "x" } as const, unknown: true });
`;

let service: Service;

beforeAll(async () => {
  const generated = join(folder, "generated");
  await mkdir(folder, { recursive: true });
  const document = join(distDirectory, "docs", "openapi.json");
  const [started] = await Promise.all([
    startService(),
    createClient({ input: document, output: generated, logs: { level: "silent", file: false } }),
    writeFile(join(folder, "start.ts"), written),
  ]);
  service = started;
});
afterAll(async () => {
  await service?.close();
  await rm(folder, { recursive: true, force: true });
});

async function compile(include: string, compilerOptions: object): Promise<string> {
  const project = join(folder, `${include.replaceAll(/\W/g, "-")}.json`);
  // It is for browsers too.
  const lib = ["ES2024", "DOM", "DOM.Iterable"];
  const settings = { extends: "../../tsconfig.json", compilerOptions: { lib, ...compilerOptions } };
  await writeFile(project, JSON.stringify({ ...settings, include: [include] }));
  return await runPackage(
    new URL("bin/tsc", import.meta.resolve("typescript/package.json")),
    "--project",
    project,
  );
}

test("the generated types compile as strictly as LKPS itself", async () => {
  expect(await compile("generated/types.gen.ts", {})).toBe("");
});

test("the generated client compiles, and a client written with it, with wrong members refused", async () => {
  // Every setting of ours but the one that the generator's own part, the same for any document, is not written for.
  expect(await compile("start.ts", { exactOptionalPropertyTypes: false })).toBe("");
});

test("it starts a session through the gateway, and learns why one is refused", async () => {
  const { stack } = service;
  const agent = EXAMPLE.agent;
  await service.call("POST", "/api/agent/register", { caller: agent });
  const { start } = await import(/* @vite-ignore */ join(folder, "start.ts"));
  const approved = await accessTokenOf(stack, EXAMPLE.client, "approved-secret");
  expect(await start(stack.gatewayUrl, approved, agent)).toEqual({
    joins: expect.stringMatching(/^lkps-/),
    with: expect.stringMatching(/^eyJ/),
  });
  const stranger = await accessTokenOf(stack, EXAMPLE.stranger, "stranger-secret");
  expect(await start(stack.gatewayUrl, stranger, agent)).toEqual({
    refused: "client_not_pre_authorized",
    because: expect.stringContaining("Check 2 of 3 failed"),
  });
});
