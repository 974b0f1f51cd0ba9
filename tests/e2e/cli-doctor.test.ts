import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse, request as sendOn } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { listen } from "../../dev/listen.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { needs } from "../../tools/test/needs.ts";
import { signedToken } from "../support/access-token.ts";
import { runLkps, spawnLkps } from "../support/run-lkps.ts";
import { useService } from "../support/use-service.ts";

// Makes certificates.
const OPENSSL = "openssl";
const CLIENT = "c11e4700-0000-4000-8000-000000000001";

let token: string;
/** How Graph answers the app; `null`: normally. */
let graphStatus: number | null = null;

const service = useService({
  intercept: (request, response) => {
    if (graphStatus === null || !request.url?.startsWith("/v1.0")) return false;
    response.writeHead(graphStatus, { "content-type": "application/json" }).end("{}");
    return true;
  },
});
beforeAll(async () => {
  token = await signedToken(service.stack, { azp: CLIENT });
});
beforeEach(() => {
  graphStatus = null;
});

interface Finding {
  name: string;
  outcome: string;
  found: string;
  advice: string | null;
}

async function doctor(url: string, ...more: string[]) {
  const ran = await runLkps(["doctor", "--url", url, "--json", ...more], { LKPS_TOKEN: token });
  const { findings, healthy } = JSON.parse(ran.stdout) as { findings: Finding[]; healthy: boolean };
  expect(healthy).toBe(ran.code === 0);
  return {
    code: ran.code,
    of: (name: string) => findings.find((finding) => finding.name === name),
    findings,
  };
}

/** A gateway of the test's own in front of the app, with the real gateway's function key. */
async function withGateway<T>(
  headersOf: (request: IncomingMessage) => Record<string, string>,
  work: (url: string) => Promise<T>,
  refuse: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<T> {
  const pass = (request: IncomingMessage, response: ServerResponse) => {
    if (refuse(request, response)) return;
    const { "client-id": _, host: __, connection: ___, ...kept } = request.headers;
    const headers = { ...kept, "x-functions-key": service.stack.functionKey, ...headersOf(request) };
    // As .NET's Uri reads what Kestrel has decoded once: encoded dots are dots.
    const path = (request.url ?? "/").replaceAll("%25", "%").replaceAll("%32%65", "2e");
    const target = new URL(path, service.stack.appUrl);
    const onward = sendOn(target, { method: request.method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  };
  const { url, close } = await listen(createServer(pass), 0);
  try {
    return await work(url);
  } finally {
    await close();
  }
}

const sent = (request: IncomingMessage) => String(request.headers["client-id"] ?? "");

describe("lkps doctor finds", () => {
  test("nothing wrong with a correct deployment, and lists what it checked", async () => {
    const { code, findings } = await doctor(service.stack.gatewayUrl, "--app-url", service.stack.appUrl);
    expect(findings.map(({ name, outcome }) => [name, outcome])).toEqual([
      ["Reachable", "good"],
      ["TLS", "skipped"],
      ["Health", "good"],
      ["Ready", "good"],
      ["client-id, no token", "good"],
      ["Invalid token", "good"],
      ["Caller", "good"],
      ["client-id, with token", "good"],
      ["Path escape", "good"],
      ["?code=", "good"],
      ["WebSocket", "good"],
      ["Function key", "good"],
    ]);
    expect(code).toBe(0);
    const ran = await runLkps(["doctor", "--url", service.stack.gatewayUrl]);
    expect(ran.stdout).toMatch(
      /– client-id, with token +not checked: it needs an access token\n +To run this check, /,
    );
    expect(ran.stdout).toMatch(/\n7 passed, 4 skipped\n$/);
    expect(ran.code).toBe(0);
  });

  type Refuse = (request: IncomingMessage, response: ServerResponse) => boolean;
  type HeadersOf = (request: IncomingMessage) => Record<string, string>;
  type Gateway = [what: string, findings: Record<string, object>, headersOf: HeadersOf, refuse?: Refuse];
  const asClient = () => ({ "client-id": CLIENT });
  const bad = (found: string, advice = "docs/gateway.md") => ({
    outcome: "bad",
    found: expect.stringContaining(found),
    advice: expect.stringContaining(advice),
  });
  /** Refuses everything but what passes, as a gateway does that knows escapes. */
  const refusing =
    (passes: RegExp, answer: [status: number, body?: string] = [400, '{"code":"invalid_request"}']) =>
    ({ url = "" }: IncomingMessage, response: ServerResponse) => {
      if (passes.test(url)) return false;
      response.writeHead(answer[0]).end(answer[1]);
      return true;
    };
  /** Answers 401 without a problem document if the evaluation's token is this. */
  const plainly =
    (isRefused: (token?: string) => boolean): Refuse =>
    (request, response) => {
      if (!request.url?.startsWith("/api/access") || !isRefused(request.headers.authorization)) return false;
      response.writeHead(401).end();
      return true;
    };
  const noToken = { "client-id, no token": { outcome: "bad" } };
  test.each<Gateway>([
    [
      "adds its own client-id to the caller's",
      { "client-id, with token": bad("the gateway adds a second value, so LKPS refuses") },
      (request) => ({ "client-id": [sent(request), CLIENT].filter(Boolean).join(", ") }),
    ],
    [
      "forwards a caller's client-id",
      { ...noToken, "client-id, with token": bad("accepted: ") },
      (request) => ({ "client-id": sent(request) || CLIENT }),
    ],
    [
      "gives every caller the same id",
      { ...noToken, Caller: bad("answered", "different client id") },
      () => ({ "client-id": "c11e4700-0000-4000-8000-000000000002" }),
    ],
    ...[
      ["/api/docs/", "GET /api/docs/%252e%252e/agent/authorization"],
      ["/admin/", "POST /api/%252e%252e/admin/functions/x"],
    ].map(
      ([passed, request]): Gateway => [
        `lets paths with ${passed} reach other routes`,
        { "Path escape": bad(`${request} reaches another route: `) },
        asClient,
        refusing(new RegExp(`${passed}|health`)),
      ],
    ),
    ...[403, 404].map(
      (status): Gateway => [
        `answers an empty ${status} for such a path, which may be the host's own`,
        { "Path escape": { outcome: "unknown", found: expect.stringContaining(`${status}`) } },
        asClient,
        (request, response) =>
          refusing(/health/, request.url?.includes("/admin/") ? [status] : undefined)(request, response),
      ],
    ),
    [
      "forwards a key in the query",
      {
        "?code=": { outcome: "bad", found: expect.stringMatching(/^changes the answer from \d+.* to 401$/) },
      },
      ({ url }) => ({ ...asClient(), ...(url?.includes("code=") && { "x-functions-key": "x" }) }),
    ],
    [
      "has no problem document in its 401 for no token",
      { "client-id, no token": bad("401", "match the samples") },
      asClient,
      plainly((token) => token === undefined),
    ],
    [
      "has no problem document in its 401 for a bad token",
      { "Invalid token": bad("401") },
      asClient,
      plainly((token) => token?.includes("not.a") === true),
    ],
  ])("a gateway that %s", async (what, findings, headersOf, refuse) => {
    const { code, of } = await withGateway(headersOf, (url) => doctor(url), refuse);
    for (const [name, finding] of Object.entries(findings)) expect(of(name)).toMatchObject(finding);
    if (!what.includes("may be")) expect(code).toBe(1);
  });

  test("an app that answers without the gateway and without a key", async () => {
    const asCaller = (request: IncomingMessage) => ({ "client-id": sent(request) });
    const { code, of } = await withGateway(asCaller, (url) =>
      doctor(service.stack.gatewayUrl, "--app-url", url),
    );
    expect(of("Function key")).toMatchObject({
      outcome: "bad",
      found: expect.stringContaining("without a key"),
    });
    expect(code).toBe(1);
  });

  test.each([
    [403, "directory_access_denied", "Application.Read.All"],
    [500, "directory_unavailable", "log has the causes"],
  ])("an app to which Graph answers %i: %s", async (status, reason, advice) => {
    graphStatus = status;
    // The app reuses Graph's answer for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const { code, of } = await doctor(service.stack.gatewayUrl);
    expect(of("Ready")).toEqual({
      name: "Ready",
      outcome: "bad",
      found: `graph: ${reason}`,
      advice: expect.stringContaining(advice),
    });
    expect(code).toBe(1);
  });

  test("that an app that checks access tokens itself is fine", async () => {
    await service.stack.restartApp({ CALLER_IDENTITY: "access-token" });
    const { code, of } = await doctor(service.stack.appUrl, "--app-url", service.stack.appUrl);
    await service.stack.restartApp();
    expect(of("Function key")).toMatchObject({
      outcome: "good",
      found: expect.stringContaining("access token"),
    });
    expect(of("client-id, with token")?.outcome).toBe("good");
    expect(code).toBe(0);
  });

  test("an app that is down behind a gateway that is up", async () => {
    await service.stack.killApp();
    const { code, of } = await doctor(service.stack.gatewayUrl, "--app-url", service.stack.appUrl);
    await service.stack.restartApp();
    expect(of("Reachable")?.outcome).toBe("good");
    expect(of("Health")).toMatchObject({
      outcome: "bad",
      advice: expect.stringContaining("cannot reach the app"),
    });
    expect(of("Function key")?.outcome).toBe("unknown");
    expect(code).toBe(1);
  });

  test("that it cannot tell if the token is not for LKPS", async () => {
    const foreign = await signedToken(service.stack, { aud: "api://other", azp: CLIENT });
    const ran = await runLkps(["doctor", "--url", service.stack.gatewayUrl], { LKPS_TOKEN: foreign });
    expect(ran.stdout).toMatch(/\? Caller +answered 401 invalid_token to the token of c11e4700/);
    expect(ran.code).toBe(2);
  });
});

describe("lkps doctor checks TLS", async () => {
  const withOpenssl = await needs("openssl");
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lkps-tls-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const healthy = '{"status":"ok","version":"0.1.0","dependencies":{"tables":{"ok":true}}}';
  const expiring = { outcome: "bad", advice: "Renew the certificate." };
  test.each<[string, days: number, isTrusted: boolean, object]>([
    ["a trusted one", 90, true, { outcome: "good", found: /^TLSv1\.3, .* valid for (89|90) more days$/ }],
    ["one that expires soon", 3, true, expiring],
    ["one that is not trusted", 90, false, { outcome: "bad", found: /not trusted/ }],
  ])(
    "and finds %s",
    withOpenssl,
    async (_, days, isTrusted, { found = /./, ...expected }: { found?: RegExp }) => {
      const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
      const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", keyFile, "-out", certFile];
      const names = [
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-days",
        String(days),
      ];
      execFileSync(OPENSSL, [...args, ...names], { stdio: "ignore" });
      const server = createTlsServer({ key: await readFile(keyFile), cert: await readFile(certFile) });
      server.on("request", (_, response) =>
        response.setHeader("content-type", "application/json").end(healthy),
      );
      const { port, close } = await listen(server, 0);
      // Node reads which certificates it trusts when a process starts.
      const env = { LKPS_TOKEN: token, ...(isTrusted && { NODE_EXTRA_CA_CERTS: certFile }) };
      const program = [join(repositoryRoot, "cli", "lkps.ts")];
      const ran = await spawnLkps(["doctor", "--url", `https://localhost:${port}`, "--json"], env, program);
      await close();
      const { findings } = JSON.parse(ran.stdout) as { findings: Finding[] };
      const tls = findings.find(({ name }) => name === "TLS");
      expect(tls).toMatchObject({ ...expected, found: expect.stringMatching(found) });
      const isWithheld = findings.some(({ found }) => found.includes("not safe enough to send the token"));
      if (isTrusted) expect(isWithheld).toBe(false);
    },
  );

  test("and finds none", async () => {
    const { code, of } = await doctor("http://lkps.invalid");
    expect(of("TLS")).toMatchObject({ outcome: "bad", found: "not encrypted (http)" });
    expect(code).toBe(1);
  });
});
