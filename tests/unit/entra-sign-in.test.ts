import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { localAudience } from "../../cli/sign-in/local-defaults.ts";
import { type EntraStandIn, startEntraStandIn } from "../../dev/entra/start-entra-stand-in.ts";
import { consoleClientId } from "../../dev/local-defaults.ts";
import { seededDirectoryFile } from "../../dev/stack.ts";

// The console's tests sign in at the stand-in, so it must refuse what Entra refuses.

const ORIGIN = "http://127.0.0.1:7070";
const REDIRECT = { redirect_uri: `${ORIGIN}/console` };
const VERIFIER = { code_verifier: "v".repeat(43) };
const OWNER = "0e091e00-0000-4000-8000-000000000001";
const APPLICATIONS_PERMISSION = "c79f8feb-a9db-4090-85f9-90d820caa0eb";

let entra: EntraStandIn;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lkps-entra-"));
  const directoryFile = join(folder, "directory.json");
  // Nobody has consented to this permission.
  const directory = await readFile(seededDirectoryFile, "utf8");
  await writeFile(directoryFile, directory.replace(APPLICATIONS_PERMISSION, OWNER));
  entra = await startEntraStandIn({ directoryFile });
});
afterAll(async () => {
  await entra.close();
  await rm(folder, { recursive: true });
});
afterEach(() => void vi.useRealTimers());

const authorization = {
  ...REDIRECT,
  client_id: consoleClientId,
  response_type: "code",
  scope: `openid offline_access ${localAudience}/access_as_user`,
  state: "a&b",
  code_challenge: createHash("sha256").update(VERIFIER.code_verifier).digest("base64url"),
  code_challenge_method: "S256",
};

/** What the browser is sent back with; the page's text where it is not sent back. */
async function authorize(changes: Record<string, string> = {}): Promise<Record<string, string>> {
  const query = new URLSearchParams({ ...authorization, ...changes });
  const response = await fetch(`${entra.url}/${entra.tenantId}/oauth2/v2.0/authorize?${query}`, {
    method: "POST",
    body: new URLSearchParams({ person: OWNER }),
    redirect: "manual",
  });
  const location = response.headers.get("location");
  return location === null
    ? { page: await response.text() }
    : Object.fromEntries(new URL(location).searchParams);
}

async function redeem(
  form: Record<string, string>,
  headers: Record<string, string> = { origin: ORIGIN },
): Promise<Record<string, unknown>> {
  const body = new URLSearchParams({ client_id: consoleClientId, grant_type: "authorization_code", ...form });
  const url = `${entra.url}/${entra.tenantId}/oauth2/v2.0/token`;
  const response = await fetch(url, { method: "POST", headers, body });
  return {
    cors: response.headers.get("access-control-allow-origin"),
    ...((await response.json()) as Record<string, unknown>),
  };
}

const signIn = async () => ({ ...REDIRECT, ...VERIFIER, code: (await authorize())["code"] ?? "" });

test.each([
  ["an unknown application", { client_id: OWNER }, 700016],
  ["a redirect URI on another host", { redirect_uri: "https://lkps.example/console" }, 50011],
  ["a redirect URI with another path", { redirect_uri: `${ORIGIN}/console/` }, 50011],
])("%s is told to the person, and not sent back", async (_, changes, code) => {
  expect((await authorize(changes))["page"]).toContain(`AADSTS${code}: `);
});

test.each([
  ["a token without a code", { response_type: "token" }, "unsupported_response_type", 70005],
  ["no code challenge", { code_challenge: "" }, "invalid_request", 9002325],
  ["a code challenge that is the verifier", { code_challenge_method: "plain" }, "invalid_request", 9002325],
  ["a scope that does not exist", { scope: `${localAudience}/access_as_client` }, "invalid_client", 650053],
  ["a permission without consent", { scope: "Application.Read.All" }, "invalid_grant", 65001],
  ["no prompt", { prompt: "none" }, "login_required", 50058],
])("%s is refused, with the state", async (_, changes, error, code) => {
  expect(await authorize(changes)).toEqual({
    error,
    error_description: expect.stringContaining(`AADSTS${code}: `),
    state: "a&b",
  });
});

test.each([
  ["without an origin", {}, {}, 9002327],
  ["by a page of another origin", {}, { origin: "http://127.0.0.1:7071" }, 9002326],
  ["with another verifier", { code_verifier: "w".repeat(43) }, undefined, 501481],
  ["for another redirect URI", { redirect_uri: "http://localhost:7070/console" }, undefined, 500112],
  ["with a secret", { client_secret: "secret" }, undefined, 700025],
])("a code is not redeemed %s", async (_, form, headers, code) => {
  expect((await redeem({ ...(await signIn()), ...form }, headers))["error_codes"]).toEqual([code]);
});

test("a code is redeemed once, and within 10 minutes", async () => {
  const form = await signIn();
  expect((await redeem(form))["access_token"]).toEqual(expect.any(String));
  expect((await redeem(form))["error_codes"]).toEqual([70000]);
  const late = await signIn();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 600_000 });
  expect((await redeem(late))["error_codes"]).toEqual([70008]);
});

test("a refresh token gives tokens for another API, where there is consent, for a day", async () => {
  const form = {
    grant_type: "refresh_token",
    refresh_token: String((await redeem(await signIn()))["refresh_token"]),
  };
  const refresh = (scope: string) => redeem({ ...form, scope: `${entra.url}/${scope}` });
  expect(await refresh("User.Read")).toMatchObject({ cors: "*", scope: `${entra.url}/User.Read` });
  expect((await refresh("Application.Read.All"))["error_codes"]).toEqual([65001]);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 24 * 3_600_000 });
  expect((await refresh("User.Read"))["error_codes"]).toEqual([70008]);
});

interface LocalStack {
  applications: [{ client_id: string; client_secret: string }];
}

test("no page can read an application's token, or the secrets", async () => {
  const applications = await fetch(`${entra.url}/local-stack`, { headers: { origin: ORIGIN } });
  expect(applications.headers.get("access-control-allow-origin")).toBeNull();
  const { client_id, client_secret } = ((await applications.json()) as LocalStack).applications[0];
  const grant = { grant_type: "client_credentials", scope: `${localAudience}/.default` };
  const token = await redeem({ ...grant, client_id, client_secret });
  expect([token["access_token"], token["cors"]]).toEqual([expect.any(String), null]);
});
