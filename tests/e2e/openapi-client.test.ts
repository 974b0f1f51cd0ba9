import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "@hey-api/openapi-ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXAMPLE } from "../../src/contract/example-ids.ts";
import {
  accessTokens,
  type ClientFolder,
  makeClientFolder,
  openApiFile,
  seenByProgram,
  startsAndReturns,
} from "../support/generated-client.ts";
import { type Service, startService } from "../support/service.ts";

/** A program as a client's author would write it, using only what hey-api generated. */
const written = `
import { createClient } from "./generated/client";
import { registerAgent, startSession } from "./generated/sdk.gen";

export async function run(baseUrl: string, tokens: { agent: string; client: string; stranger: string }, agent: string) {
  const clientOf = (accessToken: string) =>
    createClient({ baseUrl, auth: ({ type }) => (type === "http" ? accessToken : undefined) });
  const start = (accessToken: string) =>
    startSession({ client: clientOf(accessToken), body: { agent_entra_app_id: agent } });

  const body = { service_config: { enforce_client_authz: true } };
  const registered = await registerAgent({ client: clientOf(tokens.agent), body });
  ${startsAndReturns}
}

// @ts-expect-error There is no such member.
export const wrong = startSession({ body: { agent_id: "x" } as const, unknown: true });
`;

let service: Service;
let folder: ClientFolder;

beforeAll(async () => {
  folder = await makeClientFolder("hey-api");
  const output = join(folder.path, "generated");
  const [started] = await Promise.all([
    startService(),
    createClient({ input: openApiFile, output, logs: { level: "silent", file: false } }),
    writeFile(join(folder.path, "program.ts"), written),
  ]);
  service = started;
});
afterAll(async () => {
  await service?.close();
  await folder?.remove();
});

test("the generated types compile as strictly as LKPS itself", async () => {
  expect(await folder.compile("generated/types.gen.ts")).toBe("");
});

test("the generated client and a program that uses it compile, and wrong members do not", async () => {
  // Our settings, except the one that the generator's fixed runtime code does not support.
  expect(await folder.compile("program.ts", { exactOptionalPropertyTypes: false })).toBe("");
});

test("it registers an agent, starts a session through the gateway, and reads why one is denied", async () => {
  const { stack } = service;
  const { run } = await import(/* @vite-ignore */ join(folder.path, "program.ts"));
  expect(await run(stack.gatewayUrl, await accessTokens(stack), EXAMPLE.agent)).toEqual(seenByProgram);
});
