import { createServer } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { listen } from "../../dev/listen.ts";
import { type AppProcess, startApp } from "../../dev/stack/app-process.ts";
import { distDirectory } from "../../tools/repository-paths.ts";
import { minimalSettings as settings } from "../support/minimal-settings.ts";
import { send, startService } from "../support/service.ts";

const PUBLIC_BASE_URL = "https://gateway.example.com/lkps";
const PROBLEM = "/api/docs/problems.html#caller_unidentified";

let app: AppProcess;
afterEach(() => app?.stop());

async function load(more: Record<string, string>) {
  const keys = { functionKey: "function-key", masterKey: "master-key" };
  app = await startApp({
    ...keys,
    directory: distDirectory,
    port: 0,
    settings: { ...settings, ...more },
    onLine: () => {},
  });
  const url = `http://127.0.0.1:${app.port}`;
  const headers = { "x-functions-key": keys.functionKey };
  const problem = await send(`${url}/api/agent/registration`, "GET", undefined, headers);
  const metadata = await send(`${url}/.well-known/authzen-configuration`, "GET", undefined, {
    // Any caller can send this.
    "x-forwarded-host": "evil.example.com",
  });
  return { type: problem.body.type, metadata };
}
const metadataBy = (base: string) => ({
  policy_decision_point: base,
  access_evaluation_endpoint: `${base}/api/access/v1/evaluation`,
  access_evaluations_endpoint: `${base}/api/access/v1/evaluations`,
  search_subject_endpoint: `${base}/api/access/v1/search/subject`,
  search_resource_endpoint: `${base}/api/access/v1/search/resource`,
  search_action_endpoint: `${base}/api/access/v1/search/action`,
});

describe("the URLs that LKPS returns", () => {
  test("begin with PUBLIC_BASE_URL, whatever the app's own host name is", async () => {
    const { type, metadata } = await load({ PUBLIC_BASE_URL, WEBSITE_HOSTNAME: "lkps.azurewebsites.net" });
    expect(type).toBe(`${PUBLIC_BASE_URL}${PROBLEM}`);
    expect(metadata.body).toEqual(metadataBy(PUBLIC_BASE_URL));
  });

  test("without it, use the app's host name in the metadata, and are relative in problems", async () => {
    const { type, metadata } = await load({ WEBSITE_HOSTNAME: "lkps.azurewebsites.net" });
    expect(type).toBe(PROBLEM);
    expect(metadata.body).toEqual(metadataBy("https://lkps.azurewebsites.net"));
  });

  test("are missing if neither is known: the metadata is 404", async () => {
    const { type, metadata } = await load({ WEBSITE_HOSTNAME: "" });
    expect(type).toBe(PROBLEM);
    expect([metadata.status, metadata.body.code]).toEqual([404, "not_found"]);
  });
});

test("in the local stack a problem's type is a link through the gateway", async () => {
  const { port, close } = await listen(createServer(), 0);
  await close();
  const service = await startService({ ports: { gateway: port } });
  try {
    const { body } = await service.call("GET", "/api/agent/registration");
    expect(body.type).toBe(`${service.stack.gatewayUrl}${PROBLEM}`);
    expect(await (await fetch(body.type)).text()).toContain('id="caller_unidentified"');
  } finally {
    await service.close();
  }
});
