import { writeFile } from "node:fs/promises";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXAMPLE } from "../../tools/openapi/example-ids.ts";
import {
  accessTokens,
  type ClientFolder,
  makeClientFolder,
  openApiFile,
  seenByProgram,
  startsAndReturns,
} from "../support/generated-client.ts";
import { useService } from "../support/use-service.ts";

// openapi-typescript calls the compiler API of TypeScript 5, which TypeScript 7 does not have.
const typescript5 = import.meta.resolve("typescript-5");
registerHooks({
  resolve: (name, context, next) => next(name === "typescript" ? typescript5 : name, context),
});

/** A program as a client's author would write it, with openapi-fetch and the types from openapi-typescript. */
const written = `
import createClient from "openapi-fetch";
import type { paths } from "./generated.ts";

export async function run(baseUrl: string, tokens: { agent: string; client: string; stranger: string }, agent: string) {
  const clientOf = (accessToken: string) =>
    createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${accessToken}\` } });
  const start = (accessToken: string) =>
    clientOf(accessToken).POST("/api/session/start", { body: { agent_entra_app_id: agent } });

  const body = { service_config: { enforce_client_authz: true } };
  const registered = await clientOf(tokens.agent).POST("/api/agent/register", { body });
  ${startsAndReturns}
}

// @ts-expect-error An id is a string.
export const wrong = () => createClient<paths>({}).POST("/api/session/start", { body: { agent_entra_app_id: 7 } });
`;

let folder: ClientFolder;

const service = useService();
beforeAll(async () => {
  folder = await makeClientFolder("openapi-fetch");
  const { default: generate, astToString } = await import("openapi-typescript");
  const types = await generate(pathToFileURL(openApiFile));
  await writeFile(join(folder.path, "generated.ts"), astToString(types));
  await writeFile(join(folder.path, "program.ts"), written);
});
afterAll(async () => {
  await folder?.remove();
});

test("the generated types and a client that uses them compile as strictly as LKPS itself, and wrong values do not", async () => {
  expect(await folder.compile("program.ts")).toBe("");
});

test("it registers an agent, starts a session through the gateway, and reads why one is denied", async () => {
  const { stack } = service;
  const { run } = await import(/* @vite-ignore */ join(folder.path, "program.ts"));
  expect(await run(stack.gatewayUrl, await accessTokens(stack), EXAMPLE.agent)).toEqual(seenByProgram);
});
