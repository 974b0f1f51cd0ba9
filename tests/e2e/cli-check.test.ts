import { execFile } from "node:child_process";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Listening, listen } from "../../dev/listen.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { type Ran, runLkps } from "../support/run-lkps.ts";
import { type Service, startService } from "../support/service.ts";

// These tests run processes, some of them a browser, which is slow on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const agent = (n: number) => `a9e17000-0000-4000-8000-00000000000${n}`;
const client = (n: number) => `c11e4700-0000-4000-8000-00000000000${n}`;

let service: Service;
let here: Record<string, string>;

beforeAll(async () => {
  service = await startService();
  here = { LKPS_ENTRA_URL: service.stack.entra.url, LKPS_URL: service.stack.gatewayUrl };
  for (const caller of [1, 3, 5, 6, 8].map(agent))
    await service.call("POST", "/api/agent/register", { caller });
});
afterAll(() => service?.close());

const check = (agentId: string, clientId: string, ...more: string[]): Promise<Ran> =>
  runLkps(["check", "--local", "--agent", agentId, "--client", clientId, ...more], here);

describe("lkps check, as a process,", () => {
  test.each([
    [agent(1), client(1), 0, "pre_authorized"],
    [agent(1).toUpperCase(), client(1).toUpperCase(), 0, "pre_authorized"],
    [agent(8), client(1), 1, "agent_application_not_found"],
  ])("for agent %s and client %s exits with %i: %s", async (agentId, clientId, code, reason) => {
    const ran = await check(agentId, clientId, "--json");
    expect(JSON.parse(ran.stdout)).toMatchObject({ allowed: code === 0, code: reason });
    expect([ran.code, ran.stderr]).toEqual([code, ""]);
  });

  test("--json has the same members whatever the outcome", async () => {
    const body = JSON.parse((await check(agent(5), client(2), "--json")).stdout);
    for (const ids of [
      [agent(1), client(1)],
      [agent(8), client(1)],
    ] as const) {
      const other = JSON.parse((await check(...ids, "--json")).stdout);
      expect(Object.keys(other)).toEqual(Object.keys(body));
    }
    expect(body).toEqual({
      allowed: false,
      code: "scope_disabled",
      with_enforcement: { allowed: false, code: "scope_disabled" },
      agent: {
        agent_entra_app_id: agent(5),
        display_name: "Agent (scope disabled)",
        object_id: "0b1ec700-0000-4000-8000-a9e000000005",
        found: true,
        identity_kind: "application",
        blueprint_app_id: null,
      },
      client: { client_app_id: client(2), display_name: "Client (stranger)" },
      checks: [1, 2, 3].map((check) => ({
        check,
        question: expect.any(String),
        outcome: check === 3 ? "blocked" : "failed",
        found: expect.any(String),
      })),
      scope: {
        state: "disabled",
        delegated_permission_id: "5c09e000-0000-4000-8000-000000000005",
        near_misses: [],
      },
      hints: [],
      repairs: ["Enable", client(2)].map((said, n) => ({
        check: n + 1,
        sentence: expect.stringContaining(said),
        command: expect.stringContaining("az ad app"),
      })),
      portal: null,
      service: {
        url: service.stack.gatewayUrl,
        enforcement: "on",
        decision: { allowed: false, code: "scope_disabled" },
      },
      graph: {
        url: service.stack.entra.url,
        tenant_id: service.stack.entra.tenantId,
        signed_in_as: "you@local",
        read_at: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    });
  });

  test("signs in with the identity endpoint of its platform", async () => {
    const { url, identityEndpoint, identityHeader } = service.stack.entra;
    const args = ["check", "--graph-url", url, "--agent", agent(1), "--client", client(1)];
    const platform = { IDENTITY_ENDPOINT: identityEndpoint, IDENTITY_HEADER: identityHeader };
    const ran = await runLkps(args, { ...platform, AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential" });
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining("ALLOWED  pre_authorized")]);
  });

  test("uses colors on a terminal only, or if forced", async () => {
    const escapeCharacter = String.fromCharCode(27);
    expect((await check(agent(1), client(1))).stdout).not.toContain(escapeCharacter);
    const forced = await runLkps(["check", "--local", "--agent", agent(1), "--client", client(1)], {
      ...here,
      FORCE_COLOR: "1",
    });
    expect(forced.stdout).toContain(escapeCharacter);
  });
});

/** A local stack that signs anyone in, with its own Graph. */
function signingIn(graph: RequestListener): Promise<Listening> {
  const server = createServer((request, response) => {
    if (request.url === "/local-stack") response.end('{"tenant_id":"t","applications":[]}');
    else if (request.url === "/t/oauth2/v2.0/token") response.end('{"access_token":"x.y.z"}');
    else graph(request, response);
  });
  return listen(server, 0);
}

describe("lkps check exits with 2 and says what to do", () => {
  const ids = ["--agent", agent(1), "--client", client(1)];

  test.each([
    [["check", "--agent", "my-agent", "--client", client(1)], "Application (client) ID"],
    [["check", "--agent", `{${agent(1)}}`, "--client", client(1)], "Application (client) ID"],
    [["check", "--agent", agent(1)], "'--client <id>' not specified"],
    [["check", ...ids, "--graph-url", "graph"], "Enter an address"],
    [["check", ...ids, "--what"], "unknown option '--what'"],
    [["chekc"], "Did you mean check?"],
    [["foo"], "The commands are check, evaluate, start, "],
    [[], "Usage: lkps"],
  ])("for an invalid command line: %j", async (args, said) => {
    const ran = await runLkps(args, here);
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toContain(said);
  });

  test("if nobody is signed in", async () => {
    const ran = await runLkps(["check", ...ids]);
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toContain(
      "Run `az login --scope https://graph.microsoft.com/.default` and try again.",
    );
  });

  test("if the token would be sent unencrypted", async () => {
    const ran = await runLkps(["check", ...ids, "--graph-url", "http://graph.example.com"]);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining("Use https")]);
  });

  test("if Graph cannot be reached, within the documented time", async () => {
    const graph = await signingIn((_, response) => response.destroy());
    const ran = await runLkps(["check", "--local", ...ids, "--json"], { LKPS_ENTRA_URL: graph.url });
    await graph.close();
    expect(ran.code).toBe(2);
    const { error } = JSON.parse(ran.stdout);
    expect(error.code).toBe("directory_unavailable");
    expect(error.message).toMatch(/\(.+\)\. Check your network/);
    expect(ran.stderr).toMatch(/^Reading the agent … \d+ ms\n$/);
  }, 40_000);

  test.each([
    [
      403,
      { error: { code: "Authorization_RequestDenied" } },
      "directory_access_denied",
      "is not allowed to read app registrations",
    ],
    [
      200,
      { api: { oauth2PermissionScopes: "x" } },
      "directory_unavailable",
      "oauth2PermissionScopes is not a list",
    ],
    [200, "<html>", "directory_unavailable", "not an application"],
    [404, { error: { code: "Request_BadRequest" } }, "directory_unavailable", "404 Request_BadRequest"],
  ])("if Graph answers %i %j", async (status, body, code, said) => {
    const { url, close } = await signingIn((_, response) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
    const ran = await runLkps(["check", "--local", ...ids, "--json"], { LKPS_ENTRA_URL: url });
    await close();
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stdout).error).toEqual({ code, message: expect.stringContaining(said) });
  });
});

test("neither a token nor a stack trace is ever shown", async () => {
  const runs = await Promise.all([
    check(agent(1), client(2)),
    check(agent(1), client(1), "--json"),
    runLkps(["check", "--agent", agent(1), "--client", client(1)]),
    runLkps(["check", "--local", "--agent", agent(1), "--client", client(1)], {
      LKPS_ENTRA_URL: "http://127.0.0.1:9",
    }),
  ]);
  for (const { stdout, stderr } of runs)
    expect(stdout + stderr).not.toMatch(/eyJ[\w-]{5,}|\.ts:\d|node_modules| {4}at /);
});

test.each([
  "check",
  "report",
  "register",
  "unregister",
  "evaluate",
  "rehearsal",
  "start",
  "authorization",
  "sessions",
  "doctor",
  "completion",
])("lkps %s has a help text that begins with how it is used, and shows no token", async (name) => {
  const ran = await runLkps([name, "--help"], { LKPS_TOKEN: "do-not-show" });
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  expect(ran.stdout).toMatch(new RegExp(`^Usage: lkps ${name} \\[options\\].*\n\n\\S`));
  expect(ran.stdout).not.toContain("do-not-show");
});

test("the main help text links to docs/cli.md, and tools/bootstrap.mjs shows it on any Node version", async () => {
  const args = [join(repositoryRoot, "tools", "bootstrap.mjs"), "cli/lkps.ts", "--help"];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toContain("docs/cli.md");
});
