import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { fromJSONSchema } from "zod";
import packageJson from "../../package.json" with { type: "json" };
import { bicepEnvironment } from "../../tools/infra/bicep.ts";
import type { BicepRpc } from "../../tools/infra/bicep-rpc.ts";
import { deploymentVariables, environments, infraDirectory } from "../../tools/infra/deployments.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import schema from "./azure-yaml.schema.json" with { type: "json" };
import { bicepPath, describeWithBicep, sharedBicep, withVariables } from "./with-bicep.ts";

// What azd does with this project, by the source of version 1.32 (cli/azd/pkg): it reads azure.yaml, runs hooks, installs,
// builds and zips, and compiles infra/main.bicepparam with the variables of its environment.

interface Hook {
  readonly run: string;
  readonly interactive?: boolean;
}
type Hooks = Readonly<Record<string, Readonly<Record<"posix" | "windows", Hook>>>>;
interface AzureYaml {
  readonly infra: { readonly path: string; readonly module: string };
  readonly hooks: Hooks;
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>> & { readonly hooks?: Hooks }>>;
}

const source = readFileSync(join(repositoryRoot, "azure.yaml"), "utf8");
const project = parseDocument(source, { strict: true, uniqueKeys: true }).toJS() as AzureYaml;
const service = project.services["lkps"] ?? {};

/** What azd's framework services build; any other language is an alpha feature or an extension's. */
const languages = ["dotnet", "csharp", "fsharp", "py", "python", "js", "ts", "java"];

describe("azure.yaml", () => {
  test("is valid under azd's published schema", () => {
    // biome-ignore lint/suspicious/noExplicitAny: the type of imported JSON is not that of a schema
    expect(fromJSONSchema(schema as any).safeParse(project).error?.issues ?? []).toEqual([]);
  });

  test("deploys dist/, which azd builds itself, once, without a remote build", () => {
    const { language, ...rest } = service;
    expect(languages).toContain(language);
    expect(rest).toEqual({
      project: ".",
      dist: "dist",
      host: "function",
      remoteBuild: false,
      // Without blue and green, this is the app that carries the tag.
      resourceName: expect.stringMatching(/^\$\{LKPS_FUNCTION_APP\}$/),
    });
    expect(packageJson.scripts.build).toBeDefined();
    // azd refuses one that excludes node_modules where there is no remote build.
    expect(existsSync(join(repositoryRoot, ".funcignore"))).toBe(false);
  });

  test("runs existing hooks in this order, shows their output, and runs none before the parameters are read", () => {
    expect(Object.keys(project.hooks)).toEqual(["postprovision", "postdeploy"]);
    for (const { posix, windows } of Object.values(project.hooks)) {
      const [program = "", script = ""] = posix?.run.split(" ") ?? [];
      expect(["node", "bash"]).toContain(program);
      expect(existsSync(join(repositoryRoot, script)), script).toBe(true);
      expect(posix?.interactive).toBe(true);
      expect([windows?.run, windows?.interactive]).toEqual([posix?.run, posix?.interactive]);
    }
  });

  test("provisions infra/main with one committed parameter file, beside which azd may write its snapshot", () => {
    expect(project.infra).toMatchObject({ path: "infra", module: "main" });
    const files = readdirSync(infraDirectory);
    expect(files.filter((file) => /param|^main\./.test(file)).sort()).toEqual([
      "main.bicep",
      "main.bicepparam",
    ]);
    const ignored = spawnSync("git", ["check-ignore", "--quiet", "infra/main.bicepparam"], {
      cwd: repositoryRoot,
    });
    expect(ignored.status).not.toBe(0);
  });
});

/** What azd keeps in an environment; the secret is the only one that may be in the shell alone, and only at first. */
const azdEnvironment = { LIVEKIT_URL: "wss://livekit.example", LIVEKIT_API_KEY: "key" };

// By one compiler: compile.test.ts compiles the file with both.
describeWithBicep("infra/main.bicepparam, by the Bicep CLI", () => {
  let bicep: BicepRpc;
  beforeAll(() => {
    bicep = sharedBicep();
  });
  const file = join(infraDirectory, "main.bicepparam");

  /** The parameters with what azd keeps and these variables. */
  const compile = (variables: Readonly<Record<string, string>>) =>
    withVariables(file, { ...azdEnvironment, ...variables }, async (copy) => {
      const { parameters, diagnostics } = await bicep.compileParams(copy);
      if (diagnostics.length > 0) return { error: diagnostics.map(({ message }) => message).join("\n") };
      const values = JSON.parse(parameters ?? "").parameters;
      return { value: (name: string) => values[name].value };
    });

  test.each([
    ["a new shell has", {}, "np"],
    ["an empty name", { AZURE_ENV_NAME: "" }, "np"],
    ["prod", { AZURE_ENV_NAME: "prod", ALERT_EMAILS: "a@example.com" }, "prod"],
    ["prod with a webhook", { AZURE_ENV_NAME: "prod", ALERT_WEBHOOK: "https://alerts.example" }, "prod"],
  ])("with what %s: %j is the environment %s", async (_, variables, environment) => {
    const { value } = await compile(variables);
    expect([value?.("environmentName"), value?.("tags").environment]).toEqual([environment, environment]);
    expect(value?.("storageSku")).toBe(environment === "prod" ? "Standard_GZRS" : "Standard_LRS");
  });

  test("takes addresses that are separated by commas, with spaces or without", async () => {
    const { value } = await compile({ ALERT_EMAILS: "a@example.com, b@example.com," });
    expect(value?.("alertEmails")).toEqual(["a@example.com", "b@example.com"]);
  });

  test.each([
    [{ AZURE_ENV_NAME: "staging" }, `no environment staging. Environments: ${environments.join(", ")}.`],
    [{ AZURE_ENV_NAME: "prod" }, "Production needs somebody to notify: set ALERT_EMAILS or ALERT_WEBHOOK."],
    [{ MONTHLY_BUDGET: "100" }, "Set BUDGET_START to the current month, such as 2026-11."],
    [{ LKPS_COLOR: "red" }, "Expected a value of type \"'blue' | 'green'\""],
    // Its gateway would call an app that does not exist.
    [{ LKPS_COLOR: "green" }, "With LKPS_COLOR, set LKPS_LIVE_COLOR to the app that the gateway calls"],
    [{ AZURE_LOCATION: "mexicocentral" }, "the provided value is of type \"'mexicocentral'\""],
    [
      { AZURE_ENV_NAME: "prod", ALERT_EMAILS: "a@example.com", AZURE_LOCATION: "ukwest" },
      "ukwest has no Standard_GZRS",
    ],
    [{ CALLER_IDENTITY: "header" }, "Expected a value of type \"'access-token' |"],
    [{ API_MANAGEMENT_EMAIL: "a@example.com" }, "API Management needs ENTRA_AUDIENCE."],
  ])("refuses %j: %s", async (variables, message) => {
    expect((await compile(variables)).error).toContain(message);
  });

  test("takes the gateway from variables too: its audiences, and the pages that may call", async () => {
    const lists = { ENTRA_AUDIENCE: "a, b", CORS_ORIGINS: "https://a.example,https://b.example" };
    const origins = ["https://a.example", "https://b.example"];
    const direct = await compile({ ...lists, CALLER_IDENTITY: "access-token" });
    expect(direct.value?.("access")).toEqual({ corsOrigins: origins });
    expect(direct.value?.("settings").entraAudiences).toEqual(["a", "b"]);
    expect(direct.value?.("apiManagement")).toBeNull();
    const { value } = await compile({ ...lists, API_MANAGEMENT_EMAIL: "ops@example.com" });
    // A gateway answers browsers itself.
    expect(value?.("access")).toEqual({});
    expect(value?.("apiManagement")).toEqual({
      publisherEmail: "ops@example.com",
      publisherName: "LKPS np",
      audiences: ["a", "b"],
      corsOrigins: origins,
    });
  });

  test("takes the address of LiveKit's API, if it has another one, and the console's application, if it is on", async () => {
    const settingsOf = async (variables: Record<string, string>) =>
      (await compile(variables)).value?.("settings");
    const given = await settingsOf({ LIVEKIT_API_URL: "its address", CONSOLE_CLIENT_ID: "its id" });
    expect(given).toMatchObject({ liveKitApiUrl: "its address", consoleClientId: "its id" });
    expect(await settingsOf({})).toMatchObject({ liveKitApiUrl: "", consoleClientId: "" });
  });

  // As azd runs it.
  test("requires LIVEKIT_URL and LIVEKIT_API_KEY, which azd keeps, and nothing else", () => {
    const inherited = Object.entries(bicepEnvironment()).filter(([name]) => !(name in deploymentVariables));
    const { stderr } = spawnSync(bicepPath(), ["build-params", file, "--stdout"], {
      encoding: "utf8",
      env: Object.fromEntries(inherited),
    });
    const missing = stderr.match(/(?<=")\w+(?=" does not exist)/g);
    expect(missing).toEqual(Object.keys(azdEnvironment));
  });
});
