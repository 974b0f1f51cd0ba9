import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { escapeText } from "../../cli/escape-text.ts";
import { type Listening, listen } from "../../dev/listen.ts";
import { signedToken } from "../support/access-token.ts";
import { AGENT, api, CLIENT, entry, scope } from "../support/app-registration.ts";
import { answers as documented } from "../support/openapi-document.ts";
import { runLkps } from "../support/run-lkps.ts";
import { useFolder, useService } from "../support/use-service.ts";

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => String.fromCharCode(from + at)).join("");
/** Every control and bidirectional character, in the order of the code points. */
const HOSTILE = [
  range(0, 0x1f),
  range(0x7f, 0x9f),
  "\u061c",
  range(0x200e, 0x200f),
  range(0x2028, 0x202e),
  range(0x2066, 0x2069),
].join("");
const DANGEROUS = new RegExp(`[${HOSTILE.replaceAll("\n", "").replaceAll("\0", "\\0")}]`);
const name = (text: string) => `${text}${HOSTILE}\u001b]0;owned\u0007`;

/** A documented answer with hostile text for all but times and the words that the command line knows. */
function hostileAnswer(path: string, example: string, changes: object = {}): [string, unknown] {
  const { value } = documented.find((one) => one.path === path && one.name === example) ?? {};
  const text = JSON.stringify({ ...value, ...changes });
  const known = /^(\d{4}-.*Z|ok|missing|letter_case|app_role)$/;
  return [
    path,
    JSON.parse(text, (_, each) => (typeof each === "string" && !known.test(each) ? name(each) : each)),
  ];
}
/** What a malicious server answers, by path; with another status, it is a problem. */
const answers: Record<string, unknown> = Object.fromEntries([
  hostileAnswer("/api/agent/register", "first_time", {
    service_config: { enforce_client_authz: true, limits: {}, deployments: ["staging"] },
  }),
  hostileAnswer("/api/agent/authorization", "misnamed"),
  hostileAnswer("/api/agent/sessions", "page"),
  hostileAnswer("/api/session/start", "session"),
  hostileAnswer("/api/access/v1/evaluation", "client_not_pre_authorized"),
  hostileAnswer("/api/agent/authorization/rehearsal", "rehearsal"),
  hostileAnswer("/api/health", "serves"),
  hostileAnswer("/api/health/ready", "ready", {
    status: "not_ready",
    dependencies: { [name("tables")]: { ok: false, code: "down" } },
  }),
]);
const problem = {
  type: `/api/docs/problems.html#${name("page")}`,
  title: name("title"),
  status: 409,
  detail: name("detail"),
  code: name("code"),
  instance: name("instance"),
  decision_id: name("decision"),
};

const folder = useFolder();
let hostile: Listening;
let env: Record<string, string>;
let status = 200;

const service = useService({
  applications: [
    {
      id: AGENT,
      appId: AGENT,
      displayName: name("Agent"),
      api: api({
        oauth2PermissionScopes: [scope({ value: name("access_as_client") })],
        preAuthorizedApplications: [entry({ appId: CLIENT })],
      }),
    },
    { id: CLIENT, appId: CLIENT, displayName: name("Client"), api: api({}) },
  ],
});
beforeAll(async () => {
  hostile = await listen(
    createServer((request, response) => {
      const body = answers[request.url?.split("?")[0] ?? ""];
      response.writeHead(body === undefined ? 409 : status, { "content-type": "application/json" });
      response.end(JSON.stringify(status === 200 && body !== undefined ? body : problem));
    }),
    0,
  );
  const { entra } = service.stack;
  const token = await signedToken(service.stack, { azp: name("caller") });
  env = { LKPS_ENTRA_URL: entra.url, LKPS_URL: hostile.url, LKPS_TOKEN: token };
});
afterAll(async () => {
  await hostile?.close();
});

const agent = ["--agent", AGENT];
const commands: [what: string, status: number, args: string[]][] = [
  ["names in Graph", 200, ["check", "--local", ...agent, "--client", CLIENT]],
  ["answers", 200, ["register"]],
  ["answers", 200, ["authorization"]],
  ["answers", 200, ["sessions"]],
  ["answers", 200, ["evaluate", ...agent, "--client", CLIENT]],
  ["answers", 200, ["rehearsal"]],
  ["answers", 200, ["start", ...agent]],
  ["answers", 200, ["doctor"]],
  ["problems", 409, ["register"]],
  ["problems", 409, ["authorization"]],
  ["problems", 409, ["sessions"]],
  ["problems", 409, ["start", ...agent]],
  ["problems", 409, ["doctor"]],
];

describe("control and bidirectional characters are escaped", () => {
  test.each(commands)(
    "in %s (%i), by lkps %j, as text and as JSON, which is the same JSON",
    async (_, answered, args) => {
      status = answered;
      const ran = await runLkps(args, env);
      const output = ran.stdout + ran.stderr;
      expect(output).not.toMatch(DANGEROUS);
      expect(output).toContain(escapeText(HOSTILE));
      // No text can forge a line.
      expect(output.split("\n").filter((line) => line.startsWith("\u000b"))).toEqual([]);
      const { stdout, stderr } = await runLkps([...args, "--json"], env);
      expect(stdout + stderr).not.toMatch(DANGEROUS);
      expect(stdout).toContain("\\u202e");
      expect(JSON.stringify(JSON.parse(stdout))).toContain(JSON.stringify(HOSTILE).slice(1, -1));
    },
  );

  test("in the messages about a report", async () => {
    status = 409;
    const ran = await runLkps(["report", "--local", ...agent, "-o", join(folder, "report.html")], env);
    expect(ran.stdout + ran.stderr).not.toMatch(DANGEROUS);
    expect(ran.stderr).toContain(escapeText(HOSTILE));
  });

  test("in the arguments", async () => {
    const ran = await runLkps(["check", ...agent, "--client", "\u202egpj\u009b31m"], env);
    expect(ran.stderr).not.toMatch(DANGEROUS);
    expect(ran.stderr).toContain("\\u202egpj\\u009b31m");
  });
});
