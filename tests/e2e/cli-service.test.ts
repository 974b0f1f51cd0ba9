import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { listen } from "../../dev/listen.ts";
import { lkpsClientId, tenantId } from "../../dev/local-defaults.ts";
import { runLkps } from "../support/run-lkps.ts";
import { type Service, startService } from "../support/service.ts";

// These tests run processes, some of them a browser, which is slow on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const AGENT = "a9e17000-0000-4000-8000-000000000001";
const APPROVED = "c11e4700-0000-4000-8000-000000000001";
const AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

let service: Service;
let folder: string;
let here: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lkps-cli-"));
  service = await startService();
  here = { LKPS_URL: service.stack.gatewayUrl, LKPS_ENTRA_URL: service.stack.entra.url, INIT_CWD: folder };
});
afterAll(async () => {
  await service?.close();
  await rm(folder, { recursive: true, force: true });
});

const as = (name: string, command: string, ...more: string[]) =>
  runLkps([command, "--local", "--as", name, ...more], here);
const json = async (...args: Parameters<typeof as>) => {
  const ran = await as(...args, "--json");
  return { code: ran.code, body: JSON.parse(ran.stdout) };
};

describe("the commands that call LKPS", () => {
  test("register the calling agent, and opt out only on request", async () => {
    const out = await as("everything right", "register", "--opt-out");
    expect([out.code, out.stdout]).toEqual([0, expect.stringContaining("Enforcement is off")]);
    const { code, body } = await json("everything right", "register");
    expect([code, body.agent_name, body.service_config]).toEqual([
      0,
      AGENT,
      { enforce_client_authz: true, limits: {}, deployments: [] },
    ]);
  });

  test("register deployments, and request one", async () => {
    const registered = await as("everything right", "register", "--deployment", "staging", "canary");
    expect(registered.stdout).toContain("Deployments that clients may ask for: staging, canary\n");
    const started = await json("approved", "start", "--agent", AGENT, "--deployment", "canary");
    expect(started.code).toBe(0);
    await as("everything right", "register");
    const refused = await json("approved", "start", "--agent", AGENT, "--deployment", "canary");
    expect([refused.code, refused.body.code]).toEqual([1, "deployment_not_allowed"]);
  });

  test("start a session, and write its token only to a file that its owner alone can read", async () => {
    const ran = await as("approved", "start", "--agent", AGENT, "--name", "Ada", "--token-file", "token");
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toMatch(/✓ Session {2}[0-9a-f-]{36}\n {2}Room lkps-/);
    const file = join(folder, "token");
    const token = await readFile(file, "utf8");
    expect(decodeJwt(token)).toMatchObject({ name: "Ada", video: { roomJoin: true } });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(ran.stdout).not.toContain(token.slice(0, 20));

    const again = await as("approved", "start", "--agent", AGENT, "--token-file", "token");
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("does not overwrite it")]);
    expect(await readFile(file, "utf8")).toBe(token);
  });

  test("start --json prints the answer of LKPS without the token", async () => {
    const { code, body } = await json("approved", "start", "--agent", AGENT, "--metadata", "hello");
    expect([code, body.agent_entra_app_id]).toEqual([0, AGENT]);
    expect(body.participant_token).toMatch(/^\(\d+ characters, not shown\)$/);
  });

  test("exit with 1 for a denial, and print what to do and the decision id", async () => {
    const ran = await as("stranger", "start", "--agent", AGENT);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(
      /✗ 403 {2}client_not_pre_authorized .*\n {5}Check 2 of 3 failed.*\n {5}More: \S+#client_not_pre_authorized\n {5}decision_id [0-9a-f-]{36}/,
    );
    const { code, body } = await json("approved", "start", "--agent", AGENT.replace("1", "9"));
    expect([code, body.code]).toEqual([1, "agent_not_registered"]);
  });

  test("show the calling agent's authorization and latest sessions", async () => {
    const authorization = await as("everything right", "authorization");
    expect(authorization.stdout).toContain("✓ Registered, with enforcement");
    expect(authorization.stdout).toContain("1 of 2 pre-authorized clients may start sessions");
    expect(authorization.stdout).toMatch(/How to fix it:\n {3}\w+ access_as_client/);
    expect((await json("everything right", "authorization")).body.clients).toHaveLength(2);

    const sessions = await as("everything right", "sessions", "--limit", "1");
    expect(sessions.stdout).toMatch(
      new RegExp(`pre_authorized +lkps-\\S+ +${APPROVED} "Client \\(approved\\)"`),
    );
    const cursor = /--cursor (\S+)/.exec(sessions.stdout)?.[1] ?? "";
    const next = await json("everything right", "sessions", "--limit", "1", "--cursor", cursor);
    expect(next.body.sessions).toHaveLength(1);
    expect((await as("scope disabled", "sessions")).stdout).toContain("No sessions.");
  });

  test("authorization exits with 1 if there is something to fix with enforcement on", async () => {
    for (const agent of [
      "everything right",
      "scope misnamed",
      "scope disabled",
      "never registers",
      "deleted",
    ]) {
      expect((await as(agent, "authorization")).code, agent).toBe(1);
    }
    await as("never registers", "register");
    expect((await as("never registers", "authorization")).code).toBe(0);
    await as("scope disabled", "register", "--opt-out");
    const optedOut = await as("scope disabled", "authorization");
    await as("scope disabled", "register");
    expect([optedOut.code, optedOut.stdout]).toEqual([
      0,
      expect.stringMatching(/How to fix it:\n {3}Enforcement is off/),
    ]);
  });

  test("register says so if nobody can connect yet, and how to fix it", async () => {
    const nobody = "No client may start a session with this agent yet. How to fix it:";
    const misnamed = await as("scope misnamed", "register");
    expect([misnamed.code, misnamed.stdout]).toEqual([
      0,
      expect.stringMatching(new RegExp(`${nobody}\n {3}Add a scope named exactly access_as_client`)),
    ]);
    expect((await as("never registers", "register")).stdout).not.toContain(nobody);
  });

  test.each([
    ["approved", true],
    ["scope misnamed", false],
    ["everything right", false],
    ["turned off", false],
  ])("authorization tells a client application from an agent: %s", async (name, isClient) => {
    const { code, stdout } = await as(name, "authorization");
    expect([code, stdout.includes("lkps -- evaluate --agent <id>")]).toEqual([1, isClient]);
  });

  test("authorization says what is wrong", async () => {
    expect((await as("scope misnamed", "authorization")).stdout).toMatch(
      /✗ There is no scope named access_as_client; similar: "Access_As_Client"/,
    );
    expect((await as("scope disabled", "authorization")).stdout).toContain(
      "✗ The scope access_as_client exists, but is disabled",
    );
    expect((await as("deleted", "authorization")).stdout).toContain(
      "✗ Microsoft Entra ID has no app registration",
    );
  });
});

describe("a caller's token", () => {
  const token = (claims: Record<string, unknown>) =>
    service.stack.entra.sign({
      aud: lkpsClientId,
      iss: service.stack.entra.issuers.v2,
      ver: "2.0",
      tid: tenantId,
      ...claims,
    });
  const soon = () => Math.floor(Date.now() / 1_000) + 60;

  test("is taken from LKPS_TOKEN or --token", async () => {
    const accessToken = await token({ azp: AGENT, exp: soon() });
    const ran = await runLkps(["authorization", "--json"], { ...here, LKPS_TOKEN: accessToken });
    expect(JSON.parse(ran.stdout).agent_entra_app_id).toBe(AGENT);
    const given = await runLkps(["sessions", "--token", `Bearer ${accessToken}`], here);
    expect(given.code).toBe(0);
  });

  test.each<[string, () => Promise<string>, string]>([
    [
      "of a person's sign-in through Azure CLI",
      () => token({ azp: AZURE_CLI, exp: soon() }),
      "it names Azure CLI as the caller",
    ],
    ["that has expired", () => token({ azp: AGENT, exp: 1_000 }), "has expired"],
    [
      "broken in two by a line end",
      async () => `eyJ\n${(await token({ azp: AGENT })).slice(5)}`,
      "Copy it again",
    ],
    [
      "for somebody else",
      () => new SignJWT({ azp: AGENT }).setProtectedHeader({ alg: "HS256" }).sign(new Uint8Array(32)),
      "401  invalid_token",
    ],
  ])("%s is rejected, and not shown", async (_, make, said) => {
    const accessToken = await make();
    const ran = await runLkps(["register"], { ...here, LKPS_TOKEN: accessToken });
    const output = ran.stdout + ran.stderr;
    expect(ran.code).toBe(2);
    expect(output).toContain(said);
    for (const part of accessToken.split(/[.\n]/)) expect(output).not.toContain(part);
  });

  test("is not shown if the server repeats it", async () => {
    const server = createServer(({ headers }, response) => {
      response.writeHead(401, { "content-type": "application/json" });
      response.end(JSON.stringify({ code: "invalid_token", detail: `No: ${headers.authorization}` }));
    });
    const { url, close } = await listen(server, 0);
    const accessToken = await token({ azp: AGENT, exp: soon() });
    for (const more of [[], ["--json"]]) {
      const ran = await runLkps(["register", ...more], { ...here, LKPS_URL: url, LKPS_TOKEN: accessToken });
      expect(ran.stdout).toContain("No: Bearer …");
      expect(ran.stdout + ran.stderr).not.toContain(accessToken);
    }
    await close();
  });

  test.each([
    [["--local"], 'has: "Client (approved)", '],
    [[], "set LKPS_TOKEN to its access token"],
    [["--local", "--as", "client"], "more than one application like"],
    [["--local", "--as", "nobody"], "no application like"],
    [["--scope", "api://lkps/.default"], "az login --scope api://lkps/.default"],
  ])("is required: %j", async (args, said) => {
    const ran = await runLkps(["sessions", ...args], here);
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toContain(said);
  });
});

describe("exit with 2 if LKPS cannot answer", () => {
  const ask = (env: Record<string, string>) =>
    runLkps(["sessions", "--local", "--as", "everything right"], { ...here, ...env });

  test("if there is no LKPS", async () => {
    const { url, close } = await listen(createServer(), 0);
    await close();
    const ran = await ask({ LKPS_URL: url });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(/does not answer at .*ECONNREFUSED/)]);
  });

  test("if its address is not set", async () => {
    const { LKPS_URL: _, ...rest } = here;
    const ran = await runLkps(["sessions"], { ...rest, LKPS_TOKEN: "x" });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining("--url https://")]);
  });

  test("if the token would be sent unencrypted", async () => {
    const ran = await ask({ LKPS_URL: "http://lkps.example.com" });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining("Use https")]);
  });

  test.each([
    ["authorization", "everything right"],
    ["register", "everything right"],
    ["start", "approved", "--agent", "everything right"],
  ])("and print one JSON document, if its answer to %s has another form", async (command, as, ...more) => {
    const server = createServer((_, response) => response.end('{"hello":1}'));
    const { url, close } = await listen(server, 0);
    const args = [command, "--local", "--as", as, ...more, "--json"];
    const ran = await runLkps(args, { ...here, LKPS_URL: url });
    await close();
    expect([ran.code, JSON.parse(ran.stdout).error.code]).toEqual([2, "not_lkps"]);
  });

  test.each([
    [200, "<h1>Welcome</h1>", "the answer is not from LKPS"],
    [200, '{"hello":1}', "does not have the form"],
    [302, "", "answered 302"],
    [502, "", "lkps doctor"],
    [503, '{"code":"storage_unavailable","title":"\\u001b[31mred","detail":"later"}', "\\u001b[31mred"],
  ])("if it answers %i %s", async (status, body, said) => {
    const server = createServer((_, response) => {
      response.writeHead(status, {
        "content-type": "application/json",
        location: "https://elsewhere.example.com",
      });
      response.end(body);
    });
    const { url, close } = await listen(server, 0);
    const ran = await ask({ LKPS_URL: url });
    await close();
    expect(ran.code).toBe(2);
    expect(ran.stdout + ran.stderr).toContain(said);
  });
});
