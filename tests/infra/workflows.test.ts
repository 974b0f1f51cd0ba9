import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { bicepVersion } from "../../tools/infra/bicep.ts";
import { environments } from "../../tools/infra/deployments.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";

const folder = join(repositoryRoot, ".github", "workflows");
const files = readdirSync(folder);

/** Reads YAML strictly: a doubled key, a bad indentation or a warning is an error. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into all of it
function readYaml(file: string): any {
  const document = parseDocument(readFileSync(file, "utf8"), { strict: true, uniqueKeys: true });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return document.toJS();
}

/** They fetch this repository, what an earlier job built, azd, and a token. */
const withIdentity = ["actions/checkout", "actions/download-artifact", "Azure/setup-azd", "azure/login"];

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly uses?: string;
  readonly steps?: readonly { readonly uses?: string; readonly run?: string }[];
}

describe.each(files)("workflow %s", (file) => {
  const text = readFileSync(join(folder, file), "utf8");
  const workflow = readYaml(join(folder, file));
  const jobs = Object.values<Job>(workflow.jobs);
  const steps = jobs.flatMap((job) => job.steps ?? []);

  test("names its permissions, and requests an identity only where it signs in", () => {
    expect(workflow.permissions).toBeDefined();
    for (const { permissions, steps = [] } of jobs) {
      const granted = { ...workflow.permissions, ...permissions };
      const logsIn = steps.some(({ uses }) => uses?.startsWith("azure/login@"));
      expect(granted).toEqual({ contents: "read", ...(logsIn && { "id-token": "write" }) });
    }
  });

  test("pins every action by commit, and says which version that is", () => {
    const actions = [...text.matchAll(/uses: (?!\.\/)(.*)/g)].map(([, action]) => action);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("installs and builds nothing in a job with an identity", () => {
    for (const { permissions, steps = [] } of jobs.filter((job) => job.permissions?.["id-token"])) {
      const actions = steps.flatMap(({ uses }) => uses?.split("@")[0] ?? []);
      expect(permissions).toEqual({ contents: "read", "id-token": "write" });
      expect(actions.filter((action) => !withIdentity.includes(action))).toEqual([]);
      for (const { run = "" } of steps) {
        // Microsoft's own compiler, as azd would download one, too.
        const others = run.replace(`az bicep install --version v${bicepVersion}`, "");
        expect(others).not.toMatch(/\b(npm|npx|node|pip|curl|wget|apt-get|install)\b/);
      }
    }
  });

  test("keeps no secret but the webhook's address, and puts nothing that others write into a command", () => {
    for (const [use] of text.matchAll(/\S+: .*secrets\..*/g))
      expect(use).toMatch(/^ALERT_WEBHOOK: \$\{\{ secrets\.ALERT_WEBHOOK \}\}$/);
    for (const { run } of steps) expect(run ?? "").not.toContain("${{");
  });

  test("has a time limit for each job", () => {
    for (const job of jobs.filter(({ uses }) => uses === undefined))
      expect(job).toHaveProperty("timeout-minutes");
  });
});

test("every workflow takes the tested Bicep CLI, and the guide too", () => {
  for (const file of files) {
    const text = readFileSync(join(folder, file), "utf8");
    expect(text, file).toContain(`az bicep install --version v${bicepVersion}`);
  }
  const deploy = readFileSync(join(folder, "deploy.yml"), "utf8");
  expect(deploy).toContain("AZD_BICEP_TOOL_PATH=$HOME/.azure/bin/bicep");
  const guide = readFileSync(join(repositoryRoot, "docs", "deploy.md"), "utf8");
  expect(guide).toContain(`az bicep install --version v${bicepVersion}\nexport AZD_BICEP_TOOL_PATH=`);
});

test("the tests' workflow allows no skip", () => {
  const text = readFileSync(join(folder, "test.yml"), "utf8");
  expect(text).toMatch(/grep -q skipped; then\n\s+echo .*\n\s+exit 1/);
});

test("the test workflow downloads LiveKit's server by digest", () => {
  const text = readFileSync(join(folder, "test.yml"), "utf8");
  expect(text).toMatch(/IMAGE: livekit\/livekit-server:v[\d.]+@sha256:[0-9a-f]{64}\n/);
});

test("what-if and deployment go through all environments, and deploying waits for the tests", () => {
  for (const file of ["what-if.yml", "deploy.yml"]) {
    const jobs = Object.values<{ strategy?: { matrix: { environment: string[] } } }>(
      readYaml(join(folder, file)).jobs,
    );
    const matrices = jobs.flatMap(({ strategy }) => (strategy ? [strategy.matrix.environment] : []));
    expect(matrices).toEqual([environments]);
  }
  expect(readYaml(join(folder, "what-if.yml")).on).toHaveProperty("pull_request");
  expect(readYaml(join(folder, "what-if.yml")).jobs["what-if"].if).toContain("head.repo.full_name");
});

test("only main is deployed, after its tests, from the package of the job without an identity", () => {
  const { test: tests, package: build, deploy } = readYaml(join(folder, "deploy.yml")).jobs;
  expect([tests.uses, build.needs, deploy.needs]).toEqual([
    "./.github/workflows/test.yml",
    "test",
    "package",
  ]);
  expect(deploy.if).toBe("github.ref == 'refs/heads/main'");
  const { name, path } = build.steps.at(-1).with;
  const downloads = deploy.steps.filter(({ uses = "" }) => uses.startsWith("actions/download-artifact@"));
  expect(downloads.map((step: { with: unknown }) => step.with)).toEqual([{ name }]);
  expect(deploy.steps.at(-1).run).toBe(`azd deploy lkps --from-package ${path} --no-prompt`);
});

test("both workflows pass on every variable that the parameters read, but not the secret", () => {
  const parameters = readFileSync(join(repositoryRoot, "infra", "main.bicepparam"), "utf8");
  const read = [...parameters.matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(([, name = ""]) => name);
  const variables = new Set(read.filter((name) => name !== "LIVEKIT_API_SECRET"));
  expect(variables.size).toBeGreaterThan(0);
  const { deploy } = readYaml(join(folder, "deploy.yml")).jobs;
  const { steps } = readYaml(join(folder, "what-if.yml")).jobs["what-if"];
  for (const given of [deploy.env, steps.at(-1).env]) {
    expect([...variables].filter((name) => given[name] === undefined)).toEqual([]);
    expect(given.LIVEKIT_API_SECRET).toBeUndefined();
  }
});

test("a what-if requires only rights that its identity has", () => {
  const { steps } = readYaml(join(folder, "what-if.yml")).jobs["what-if"];
  expect(steps.at(-1).run).toContain("--validation-level ProviderNoRbac");
});
