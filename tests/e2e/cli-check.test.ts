import { createServer } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../dev/listen.ts";
import { runLkps } from "../support/run-lkps.ts";
import { useService } from "../support/use-service.ts";

const agent = (n: number) => `a9e17000-0000-4000-8000-00000000000${n}`;
const client = (n: number) => `c11e4700-0000-4000-8000-00000000000${n}`;

let here: Record<string, string>;

const service = useService();
beforeAll(async () => {
  here = { LKPS_ENTRA_URL: service.stack.entra.url, LKPS_URL: service.stack.gatewayUrl };
  for (const caller of [1, 5].map(agent)) await service.call("POST", "/api/agent/register", { caller });
});

const ids = ["--agent", agent(1), "--client", client(1)];
const check = (agentId: string, clientId: string, ...more: string[]) =>
  runLkps(["check", "--local", "--agent", agentId, "--client", clientId, ...more], here);

test("lkps check --json has the same members whatever the outcome", async () => {
  const json = async (...pair: [string, string]) => JSON.parse((await check(...pair, "--json")).stdout);
  const body = await json(agent(5), client(2));
  for (const other of [
    await json(agent(1).toUpperCase(), client(1).toUpperCase()),
    await json(agent(8), client(1)),
  ]) {
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
    checks: ["failed", "failed", "blocked"].map((outcome, n) => ({
      check: n + 1,
      question: expect.any(String),
      outcome,
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

test("lkps check signs in with the identity endpoint of its platform", async () => {
  const { url, identityEndpoint, identityHeader } = service.stack.entra;
  const platform = { IDENTITY_ENDPOINT: identityEndpoint, IDENTITY_HEADER: identityHeader };
  const ran = await runLkps(["check", "--graph-url", url, ...ids], {
    ...platform,
    AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
  });
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining("ALLOWED  pre_authorized")]);
});

test("lkps uses colors on a terminal only, or if forced", async () => {
  const run = (color: object) => runLkps(["check", "--local", ...ids], { ...here, ...color });
  expect((await run({})).stdout).not.toContain("\u001b");
  expect((await run({ FORCE_COLOR: "1" })).stdout).toContain("\u001b");
});

const LOCAL = ["check", "--local", ...ids];
describe("lkps exits with 2, and says what to do in a line, or as JSON with --json,", () => {
  test.each<[string[], code: string, said: string]>([
    [["check", "--agent", "my-agent", "--client", client(1)], "not_a_client_id", "Application (client) ID"],
    [["check", "--agent", `{${agent(1)}}`, "--client", client(1)], "not_a_client_id", "Application (client)"],
    [["check", "--agent", agent(1)], "usage_error", "'--client <id>' not specified"],
    [["check", ...ids, "--graph-url", "graph"], "usage_error", "Enter an address"],
    [["check", ...ids, "--what"], "usage_error", "unknown option '--what'"],
    [["chekc"], "usage_error", "Did you mean check?"],
    [["foo"], "usage_error", "lkps -- --help"],
    [[], "usage_error", "lkps"],
    [["check", ...ids], "not_signed_in", "az login --scope https://graph.microsoft.com/.default"],
    [["check", ...ids, "--graph-url", "http://graph.example.com"], "insecure_address", "Use https"],
    [["start", "--agent", "x"], "not_a_client_id", "Application (client) ID"],
    [["start", "--local", "--as", "approved", "--agent", "x"], "unknown_application", "no application like"],
    [["sessions", "--local", "--as", "approved", "--limit", "0"], "usage_error", "from 1 to 100"],
    [["report", "--local", "--agent", agent(1), "-o", "no/folder"], "file_not_written", "no/folder"],
  ])("for %j: %s", async (args, code, said) => {
    const env = args.includes("--local") || args.length === 1 ? here : {};
    const plain = await runLkps(args, env);
    expect([plain.code, plain.stdout, plain.stderr]).toEqual([2, "", expect.stringContaining(said)]);
    const json = await runLkps([...args, "--json"], env);
    expect([json.code, json.stderr]).toEqual([2, ""]);
    const { error } = JSON.parse(json.stdout);
    expect(error).toEqual({ code, message: expect.stringContaining(said) });
  });

  test("for no command, or one that does not exist, with all that there are", async () => {
    expect((await runLkps(["foo"])).stderr).toContain("The commands are check, evaluate, start, ");
    expect((await runLkps([])).stderr).toContain("Usage: lkps");
  });

  // A local stack that signs anyone in, with its own Graph.
  test.each<[string, number | null, string, RegExp]>([
    ["cannot be reached", null, "directory_unavailable", /\(.+\)\. Check your network/],
    ["refuses", 403, "directory_access_denied", /is not allowed to read app registrations/],
  ])("if Graph %s, within the documented time", async (_, status, code, said) => {
    const stack = createServer(({ url }, response) => {
      if (url === "/local-stack") response.end('{"tenant_id":"t","applications":[]}');
      else if (url === "/t/oauth2/v2.0/token") response.end('{"access_token":"x.y.z"}');
      else if (status === null) response.destroy();
      else response.writeHead(status).end('{"error":{"code":"Authorization_RequestDenied"}}');
    });
    const { url, close } = await listen(stack, 0);
    const ran = await runLkps([...LOCAL, "--json"], { LKPS_ENTRA_URL: url });
    await close();
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.stdout).error).toEqual({ code, message: expect.stringMatching(said) });
    if (status === null) expect(ran.stderr).toMatch(/^Reading the agent … \d+ ms\n$/);
  });
});
