import { readFile, stat } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { decodeJwt, SignJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../dev/listen.ts";
import { signedToken } from "../support/access-token.ts";
import { runLkps } from "../support/run-lkps.ts";
import { useFolder, useService } from "../support/use-service.ts";

const AGENT = "a9e17000-0000-4000-8000-000000000001";
const AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

const folder = useFolder();
let here: Record<string, string>;

const service = useService();
beforeAll(async () => {
  here = { LKPS_URL: service.stack.gatewayUrl, LKPS_ENTRA_URL: service.stack.entra.url, INIT_CWD: folder };
});

const as = (name: string, command: string, ...more: string[]) =>
  runLkps([command, "--local", "--as", name, ...more], here);
/** Runs a command against a server that answers everything like this. */
async function answering(
  listener: RequestListener,
  args: readonly string[],
  env: Record<string, string> = {},
) {
  const { url, close } = await listen(createServer(listener), 0);
  try {
    return await runLkps(args, { ...here, LKPS_URL: url, ...env });
  } finally {
    await close();
  }
}
const json = async (...args: Parameters<typeof as>) => {
  const ran = await as(...args, "--json");
  return { code: ran.code, body: JSON.parse(ran.stdout) };
};

describe("the commands that call LKPS", () => {
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

  test("list sessions page by page", async () => {
    const { stdout } = await as("everything right", "sessions", "--limit", "1");
    const cursor = /--cursor (\S+)/.exec(stdout)?.[1] ?? "";
    const next = await json("everything right", "sessions", "--limit", "1", "--cursor", cursor);
    expect(next.body.sessions).toHaveLength(1);
    const others = await json("everything right", "end", "--session", AGENT);
    expect([others.code, others.body.code]).toEqual([2, "session_not_found"]);
    const use = await json("everything right", "usage", "--days", "1");
    expect(use.body.clients[0].sessions).toBeGreaterThan(1);
    expect((await as("scope disabled", "sessions")).stdout).toContain("No sessions.");
  });

  test.each<[string, string[], 0 | 1, RegExp]>([
    ["approved", [], 1, /Nothing here is set up as an agent.* evaluate --agent <id>\n/],
    [
      "scope misnamed",
      [],
      1,
      /^(?![\s\S]*set up as)[\s\S]*✗ Not registered[\s\S]*There is no scope .*; similar: "Access_As_Client"/,
    ],
    [
      "scope disabled",
      ["--opt-out"],
      0,
      /✗ The scope .* but is disabled[\s\S]*How to fix it:\n {3}Enforcement is off/,
    ],
    ["never registers", [""], 0, /^(?![\s\S]*How to fix)/],
    ["deleted", [], 1, /✗ Microsoft Entra ID has no app registration/],
    ["turned off", [], 1, /^(?![\s\S]*set up as)/],
  ])(
    "authorization says what is wrong, and exits with 1 if enforcement is on: %s %j",
    async (name, registration, code, said) => {
      const [option] = registration;
      if (option !== undefined) await as(name, "register", ...(option === "" ? [] : [option]));
      const ran = await as(name, "authorization");
      expect([ran.code, ran.stdout]).toEqual([code, expect.stringMatching(said)]);
    },
  );

  test("register says so if nobody can connect yet, and how to fix it", async () => {
    const nobody = "No client may start a session with this agent yet. How to fix it:";
    const { code, stdout } = await as("scope misnamed", "register");
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(`${nobody}\n   Add a scope named exactly access_as_client`),
    ]);
    expect((await as("never registers", "register")).stdout).not.toContain(nobody);
  });
});

describe("a caller's token", () => {
  const token = (claims: Record<string, unknown>) => signedToken(service.stack, claims);

  test("is taken from LKPS_TOKEN or --token", async () => {
    const accessToken = await token({ azp: AGENT });
    const ran = await runLkps(["authorization", "--json"], { ...here, LKPS_TOKEN: accessToken });
    expect(JSON.parse(ran.stdout).agent_entra_app_id).toBe(AGENT);
    const given = await runLkps(["sessions", "--token", `Bearer ${accessToken}`], here);
    expect(given.code).toBe(0);
  });

  test.each<[string, () => Promise<string>, string]>([
    [
      "of a person's sign-in through Azure CLI",
      () => token({ azp: AZURE_CLI }),
      "it names Azure CLI as the caller",
    ],
    ["that has expired", () => token({ azp: AGENT, exp: 1_000 }), "has expired"],
    ["broken by a line end", async () => `eyJ\n${(await token({ azp: AGENT })).slice(5)}`, "Copy it again"],
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
    const accessToken = await token({ azp: AGENT });
    for (const more of [[], ["--json"]]) {
      const { stdout, stderr } = await answering(
        ({ headers }, response) => {
          response.writeHead(401, { "content-type": "application/json" });
          response.end(JSON.stringify({ code: "invalid_token", detail: `No: ${headers.authorization}` }));
        },
        ["register", ...more],
        { LKPS_TOKEN: accessToken },
      );
      expect(stdout).toContain("No: Bearer …");
      expect(stdout + stderr).not.toContain(accessToken);
    }
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
  test.each<[string, string, RegExp]>([
    ["there is no LKPS", "http://127.0.0.1:9", /does not answer at .*: \w/],
    ["its address is not set", "", /--url https:\/\//],
    ["the token would be sent unencrypted", "http://lkps.example.com", /Use https/],
  ])("if %s", async (_, url, said) => {
    const env = { LKPS_TOKEN: "x", ...(url !== "" && { LKPS_URL: url }) };
    const ran = await runLkps(["sessions"], env);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(said)]);
  });

  test.each([
    ["authorization", "everything right"],
    ["register", "everything right"],
    ["start", "approved", "--agent", "everything right"],
  ])("and print one JSON document, if its answer to %s has another form", async (command, as, ...more) => {
    const args = [command, "--local", "--as", as, ...more, "--json"];
    const ran = await answering((_, response) => response.end('{"hello":1}'), args);
    expect([ran.code, JSON.parse(ran.stdout).error.code]).toEqual([2, "not_lkps"]);
  });

  test.each([
    [200, "<h1>Welcome</h1>", "the answer is not from LKPS"],
    [200, '{"hello":1}', "does not have the form"],
    [302, "", "answered 302"],
    [502, "", "lkps doctor"],
    [503, '{"code":"storage_unavailable","title":"\\u001b[31mred","detail":"later"}', "\\u001b[31mred"],
  ])("if it answers %i %s", async (status, body, said) => {
    const ran = await answering(
      (_, response) => response.writeHead(status, { location: "https://elsewhere.example.com" }).end(body),
      ["sessions", "--local", "--as", "everything right"],
    );
    expect(ran.code).toBe(2);
    expect(ran.stdout + ran.stderr).toContain(said);
  });
});
