import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dotnet } from "../../tools/dotnet.ts";
import { EXAMPLE } from "../../tools/openapi/example-ids.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { needs } from "../../tools/test/needs.ts";
import {
  answer,
  type Fault,
  type FaultProxy,
  onlyTheFirst,
  reset,
  startFaultProxy,
} from "../support/fault-proxy.ts";
import { fencedBlocks } from "../support/fenced-blocks.ts";
import { type Service, startService } from "../support/service.ts";

const guide = fencedBlocks(await readFile(join(repositoryRoot, "docs/server-samples.md"), "utf8"));
const codeOf = (info: string) => guide.find((block) => block.info === info)?.code ?? "";

const PROBLEM = { "content-type": "application/problem+json" };
const passOn: Fault = onlyTheFirst(0, reset);
const inTurn = (...faults: Fault[]): Fault => {
  return (response, realAnswer) => (faults.shift() ?? passOn)(response, realAnswer);
};

const samples = [
  { language: "js", file: "start-session.mjs", command: "node start-session.mjs", skipped: {} },
  {
    language: "python",
    file: "start_session.py",
    command: "python3 start_session.py",
    skipped: await needs("python"),
  },
  {
    language: "go",
    file: "start-session.go",
    command: "go run start-session.go",
    skipped: await needs("go"),
  },
  {
    language: "csharp",
    file: "Program.cs",
    command: "dotnet built/start-session.dll",
    skipped: await needs("dotnet"),
  },
];
const CSPROJ = `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup>
  <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><UseAppHost>false</UseAppHost>
  <Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings><TreatWarningsAsErrors>true</TreatWarningsAsErrors>
</PropertyGroup></Project>`;

let service: Service;
let gateway: FaultProxy;
let entra: FaultProxy;
let folder: string;

beforeAll(async () => {
  [service, gateway, entra, folder] = await Promise.all([
    startService(),
    startFaultProxy(),
    startFaultProxy(),
    mkdtemp(join(tmpdir(), "lkps-samples-")),
  ]);
  gateway.forwardTo(Number(new URL(service.stack.gatewayUrl).port));
  entra.forwardTo(Number(new URL(service.stack.entra.url).port));
});
afterAll(async () => {
  await Promise.all([service?.close(), gateway?.close(), entra?.close()]);
  await rm(folder, { recursive: true, force: true });
});

/** Runs the guide's preparations and then the command, in one shell. */
async function run(command: string): Promise<string> {
  const script = ["set -euo pipefail", codeOf("sh local").replaceAll("curl -sS", "curl -fsS"), command]
    .join("\n")
    .replaceAll("http://127.0.0.1:7070", gateway.url)
    .replaceAll("http://127.0.0.1:7072", entra.url);
  const { stdout } = await promisify(execFile)("bash", ["-c", script], { cwd: folder });
  return stdout;
}

describe.each(samples)("the guide's server in $language", ({ language, file, command, skipped }) => {
  test(
    "compiles without a warning, tries again what can succeed later, and nothing else",
    skipped,
    async () => {
      await writeFile(join(folder, file), codeOf(`${language} run`));
      if (language === "csharp") {
        const project = join(folder, "start-session.csproj");
        await writeFile(project, CSPROJ);
        const output = ["--output", join(folder, "built"), "-p:UseSharedCompilation=false"];
        const built = await dotnet(["build", project, ...output], { timeoutMs: 280_000 });
        expect(built).toMatchObject({ code: 0 });
      }

      const busy = answer(503, { code: "directory_unavailable" }, { ...PROBLEM, "retry-after": "1" });
      const unknown = answer(422, { type: "/new.html", title: "New", code: "a_code_of_tomorrow" }, PROBLEM);
      const tooLate = answer(429, "", { "retry-after": "3600" });
      const expired = answer(401, { title: "Expired", code: "invalid_token" }, PROBLEM);
      const starts = gateway.fail(
        ({ path }) => path === "/api/session/start",
        inTurn(busy, reset, passOn, unknown, tooLate, expired),
      );
      const tokens = entra.fail(({ body }) => body.includes(EXAMPLE.client), passOn);
      const agents = `${EXAMPLE.agent} `.repeat(5);
      const allowed = await run(`${command} ${agents}`);
      expect(allowed.match(/^Session [0-9a-f-]{36}$/gm)).toHaveLength(2);
      expect(allowed).toMatch(new RegExp(`a_code_of_tomorrow: New ${gateway.url}/new.html`));
      expect(allowed).toContain("Status 429");
      // The second token is for the start after 401.
      expect([starts.hits, tokens.hits]).toEqual([7, 2]);
      starts.end();
      tokens.end();

      const denied = await run(
        `AZURE_CLIENT_ID=${EXAMPLE.stranger} AZURE_CLIENT_SECRET=stranger-secret ${command} ${EXAMPLE.agent}`,
      );
      expect(denied).toContain("client_not_pre_authorized: Check 2 of 3 failed");
      expect(denied).toContain("/api/docs/problems.html#client_not_pre_authorized");
    },
  );
});
