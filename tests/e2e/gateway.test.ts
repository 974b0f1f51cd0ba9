import { get } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audiences, tenantId } from "../../dev/local-defaults.ts";
import { AGENT, api, CLIENT, entry, OTHER_CLIENT } from "../support/app-registration.ts";
import { type Service, send, startService } from "../support/service.ts";

const SECRET = "local";
const LKPS = "5e4f1ce0-0000-4000-8000-000000000001";

const application = (appId: string, more: object = {}) => ({
  id: appId,
  appId,
  displayName: appId,
  identifierUris: [],
  api: api({ oauth2PermissionScopes: [], preAuthorizedApplications: [] }),
  passwordCredentials: [{ displayName: "local", secretText: SECRET }],
  ...more,
});
const applications = [
  application(LKPS, { identifierUris: ["api://lkps"] }),
  application(AGENT, { api: api({ preAuthorizedApplications: [entry({ appId: CLIENT })] }) }),
  application(CLIENT),
  application(OTHER_CLIENT),
];

let service: Service;

beforeAll(async () => {
  service = await startService({ applications });
});
afterAll(() => service?.close());

async function accessToken(clientId: string): Promise<string> {
  const { entra } = service.stack;
  const response = await fetch(`${entra.url}/${tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: SECRET,
      scope: "api://lkps/.default",
    }),
  });
  const { access_token } = (await response.json()) as { access_token: string };
  return access_token;
}

async function through(
  who: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const authorization = `Bearer ${await accessToken(who)}`;
  return await send(`${service.stack.gatewayUrl}${path}`, method, body, { authorization, ...headers });
}

const start = { agent_entra_app_id: AGENT };

test("an agent registers and an approved client starts a session, by their access tokens alone", async () => {
  const registered = await through(AGENT, "POST", "/api/agent/register");
  expect([registered.status, registered.body.agent_name]).toEqual([201, AGENT]);
  const session = await through(CLIENT, "POST", "/api/session/start", start);
  expect([session.status, session.body.agent_entra_app_id]).toEqual([200, AGENT]);
  const refused = await through(OTHER_CLIENT, "POST", "/api/session/start", start);
  expect([refused.status, refused.body.code, refused.body.check]).toEqual([
    403,
    "client_not_pre_authorized",
    2,
  ]);
});

test.each(["/api/health", "/api/docs", "/api/openapi.json"])(
  "HEAD %s has the headers of GET, and no body",
  async (path) => {
    const url = `${service.stack.gatewayUrl}${path}`;
    const head = await send(url, "HEAD", undefined, { "accept-encoding": "identity" });
    const get = await send(url, "GET", undefined, { "accept-encoding": "identity" });
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
    expect(head.headers.get("content-length")).toBe(get.headers.get("content-length"));
  },
);

test("a page on another host can't reach the Entra stand-in by pointing its name there", async () => {
  const url = `${service.stack.entra.url}/local-stack`;
  const statusFor = (host: string) =>
    new Promise((resolve, reject) => {
      get(url, { headers: { host } }, (response) => resolve(response.resume().statusCode)).on(
        "error",
        reject,
      );
    });
  expect([await statusFor("evil.example"), await statusFor("localhost:7072")]).toEqual([400, 200]);
});

test("a client's chunked body arrives, because the gateway gives it a length", async () => {
  const response = await fetch(`${service.stack.gatewayUrl}/api/session/start`, {
    method: "POST",
    headers: { authorization: `Bearer ${await accessToken(CLIENT)}`, "content-type": "application/json" },
    body: new Blob([JSON.stringify(start)]).stream(),
    duplex: "half",
  } as RequestInit);
  expect(response.status).toBe(200);
});

test("nobody can bypass the gateway: without a key, the host answers 401", async () => {
  const answer = await send(`${service.stack.appUrl}/api/session/start`, "POST", start, {
    "client-id": CLIENT,
  });
  expect([answer.status, answer.text]).toEqual([401, ""]);
});

test("the access-token mode needs no gateway, and ignores client-id", async () => {
  await service.stack.restartApp({ CALLER_IDENTITY: "access-token" });
  const url = `${service.stack.appUrl}/api/session/start`;
  const as = async (who: string) => ({
    authorization: `Bearer ${await accessToken(who)}`,
    "client-id": CLIENT,
  });
  expect((await send(url, "POST", start, await as(CLIENT))).status).toBe(200);
  expect((await send(url, "POST", start, await as(OTHER_CLIENT))).body.code).toBe(
    "client_not_pre_authorized",
  );
  const none = await send(url, "POST", start, { "client-id": CLIENT });
  expect([none.status, none.body.code, none.headers.get("www-authenticate")]).toEqual([
    401,
    "caller_unidentified",
    "Bearer",
  ]);
  expect(audiences).toContain(LKPS);
});
