import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { instructions } from "../../dev/start/instructions.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { needs } from "../../tools/test/needs.ts";
import { checkArguments } from "../support/documented-cli/check-arguments.ts";
import { answersTo, paste, SECRET, type Shell } from "../support/documented-cli/paste.ts";

const read = (path: string) => readFileSync(join(repositoryRoot, path), "utf8");
const blocksIn = (text: string) =>
  [...text.matchAll(/^```sh(?: tenant)?\n(.*?)^```$/gms)].map(([, block = ""]) => block);
const blocksOf = (guide: string) => blocksIn(read(`docs/${guide}`));

/** As after `azd up`. */
const deployed = {
  AZURE_ENV_NAME: "np",
  AZURE_LOCATION: "westeurope",
  AZURE_RESOURCE_GROUP: "rg-lkps-np-westeurope",
  AZURE_SUBSCRIPTION_ID: "5ab5c7e0-0000-4000-8000-000000000001",
  AZURE_TENANT_ID: "1de47170-0000-4000-8000-000000000001",
  ENTRA_AUDIENCE: "5e4f1ce0-0000-4000-8000-000000000001",
  LIVEKIT_URL: "wss://livekit.example",
  LIVEKIT_API_KEY: "key",
  LKPS_FUNCTION_APP: "func-lkps-np",
  LKPS_LIVE_FUNCTION_APP: "func-lkps-np",
  LKPS_KEY_SECRET: "lkps-function-key-blue",
  LKPS_LIVE_KEY_SECRET: "lkps-function-key-blue",
  LKPS_URL: "https://func-lkps-np.azurewebsites.net",
  LKPS_KEY_VAULT: "kv-lkps-np",
  LKPS_WORKSPACE: "log-lkps-np",
  LKPS_STORAGE_ACCOUNT: "stlkpsnp",
  LKPS_IDENTITY_PRINCIPAL_ID: "1de47170-0000-4000-8000-000000000001",
};
/** By section: a later one must not need an earlier one's variables, only what azd keeps. */
const sectionsOf = (guide: string) =>
  read(`docs/${guide}`)
    .split(/^## /m)
    .map(blocksIn)
    .filter((blocks) => blocks.length > 0);

const printed = instructions({
  gatewayUrl: "http://127.0.0.1:8070",
  appUrl: "http://127.0.0.1:8071",
  entra: { url: "http://127.0.0.1:8072", tenantId: "t" },
  azurite: { port: 8073 },
  livekit: { settings: { LIVEKIT_URL: "ws://127.0.0.1:7880" }, note: "", canJoin: true },
  ports: { gateway: 8070, entra: 8072 },
  cacheSeconds: 5,
});

interface Guide {
  readonly guide: string;
  readonly sessions: readonly (readonly string[])[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly failures?: readonly string[];
}

const guidesToPaste: readonly Guide[] = [
  // azd up stops for the grant, and in the second environment, for the registration: the next step.
  {
    guide: "deploy.md",
    sessions: [sectionsOf("deploy.md").flat()],
    failures: ["azd up", "azd up"],
  },
  ...["operations.md", "gateway.md"].map((guide) => {
    return { guide, sessions: sectionsOf(guide), environment: deployed };
  }),
  ...["operators.md", "environments.md"].map((guide) => {
    return { guide, sessions: blocksOf(guide).map((block) => [block]), environment: deployed };
  }),
  ...["README.md", "examples/README.md"].map((guide) => {
    return { guide, sessions: [blocksIn(read(guide))] };
  }),
  { guide: "what npm start prints", sessions: [printed.match(/^npm run .*$/gm) ?? []] },
];

/** Pastes a guide and checks that each command works. */
function expectToWork({ sessions, environment, failures = [] }: Guide, shell: Shell): void {
  expect(sessions.flat().length).toBeGreaterThan(0);
  for (const blocks of sessions) {
    const { failed, done, stderr, calls } = paste(blocks, environment, shell);
    expect(failed, stderr).toEqual(failures);
    expect(done, stderr).toBe(blocks.length);
    expect(calls).not.toContain(SECRET);
    // At the subscription, only what a deployment or a what-if needs to start.
    const assigned = calls.matchAll(/^az role assignment create .*?--role (.+?) --scope (\S+)/gm);
    for (const [, role, scope] of assigned) {
      if (!scope?.includes("/resourceGroups/")) expect(["LKPS deployments", "LKPS what-ifs"]).toContain(role);
    }
  }
}

const inBash = { ...(await needs("posix")) };
test.each(guidesToPaste)("pasted into bash, in order, every command in $guide works", inBash, (guide) =>
  expectToWork(guide, "bash"),
);

// Pasting the others would show no more than the first: only what zsh reads in another way can differ.
describe("pasted into zsh", { ...(await needs("zsh")) }, () => {
  const [first, ...others] = guidesToPaste;
  test("every command in the first guide works", () => expectToWork(first as Guide, "zsh"));

  test.each(others)("every block in $guide can be read", ({ sessions }) => {
    const { status, stderr } = spawnSync("zsh", ["-f", "-n"], {
      input: sessions.flat().join("\n"),
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
  });
});

test("from an empty subscription to a session by a client's own token, a person types this", () => {
  const commands = sectionsOf("deploy.md")[0]?.join("").replaceAll("\\\n", "").trim().split("\n") ?? [];
  expect(
    commands.map((command) =>
      /^(?:az|azd|eval|export|node|printf)\b[\w .:/-]{0,40}/.exec(command)?.[0].trim(),
    ),
  ).toEqual([
    "az login",
    "azd auth login --tenant-id",
    "azd env new np --no-prompt --subscription",
    "azd env set LIVEKIT_URL",
    "az bicep install --version v0.49.2",
    "export AZD_BICEP_TOOL_PATH",
    "printf",
    "azd up",
    "eval",
    "az deployment group create -g",
    "azd env set ENTRA_AUDIENCE",
    "azd up",
    "node infra/hooks/trial.mjs",
  ]);
});

test("the guide prompts for a secret before it reads it, and a command that prompts is the last one in its block", () => {
  for (const block of ["deploy.md", "operations.md", "gateway.md", "operators.md"].flatMap(blocksOf)) {
    const lines = block.trimEnd().split("\n");
    expect(lines.filter((line) => /\bread -/.test(line) && !/^printf '[^']+: '; read -/.test(line))).toEqual(
      [],
    );
    const asking = lines.findIndex((line) => answersTo(line).length > 0);
    expect([-1, lines.length - 1], block).toContain(asking);
  }
});

const guides = [
  "README.md",
  ...readdirSync(join(repositoryRoot, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

test.each(guides)("the inline commands in %s are documented commands", (guide) => {
  for (const [, span = ""] of read(guide).matchAll(/`(azd? [a-z][^`…]*)`/g)) {
    for (const command of span.split("&&"))
      checkArguments(command.trim().replaceAll(/["']/g, "").split(/\s+/));
  }
});

test("the workflows' commands are documented commands", () => {
  const steps = ["deploy.yml", "what-if.yml", "test.yml"].flatMap((file) => {
    const { jobs } = parse(read(`.github/workflows/${file}`));
    return Object.values<{ steps?: { run?: string }[] }>(jobs).flatMap((job) => job.steps ?? []);
  });
  const commands = steps
    .flatMap(({ run = "" }) => run.replaceAll(/\\\n\s*/g, "").split("\n"))
    .flatMap((line) => /^azd? .*?(?= \||$)/.exec(line)?.[0] ?? []);
  expect(commands.length).toBeGreaterThan(3);
  for (const command of commands) checkArguments(command.split(/\s+/));
});
