import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { bicepVersion } from "../../tools/infra/bicep.ts";
import { environments } from "../../tools/infra/deployments.ts";
import { repositoryRoot } from "../../tools/repository.ts";

const folder = join(repositoryRoot, ".github", "workflows");
const files = readdirSync(folder);

/** Reads YAML strictly: a doubled key, a bad indentation or a warning is an error. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into all of it
function readYaml(file: string): any {
  const document = parseDocument(readFileSync(file, "utf8"), { strict: true, uniqueKeys: true });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return document.toJS();
}

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

  test("names its permissions, and asks for an identity only where it logs in", () => {
    expect(workflow.permissions).toBeDefined();
    for (const { permissions, steps = [] } of jobs) {
      const granted = { ...workflow.permissions, ...permissions };
      const logsIn = steps.some(({ uses }) => uses?.startsWith("azure/login@"));
      expect(granted).toEqual({ contents: "read", ...(logsIn && { "id-token": "write" }) });
    }
  });

  test("pins every action: by commit, or where its commit is not known here, by a version", () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/@([0-9a-f]{40}|v\d+(\.\d+)*)$/);
    const byVersion = actions.filter((action) => !/@[0-9a-f]{40}$/.test(action));
    expect(byVersion.filter((action) => !action.startsWith("Azure/setup-azd@"))).toEqual([]);
  });

  test("keeps no secret, and puts nothing that others write into a command", () => {
    expect(text).not.toContain("secrets.");
    for (const { run } of steps) expect(run ?? "").not.toContain("${{");
  });

  test("has a time limit on each job of its own", () => {
    for (const job of jobs.filter(({ uses }) => uses === undefined))
      expect(job).toHaveProperty("timeout-minutes");
  });
});

test("the tests' workflow takes the pinned Bicep CLI and allows no skip", () => {
  const text = readFileSync(join(folder, "test.yml"), "utf8");
  expect(text).toContain(`az bicep install --version v${bicepVersion}`);
  expect(text).toMatch(/grep -q skipped; then\n\s+echo .*\n\s+exit 1/);
});

test("the tests' workflow gets LiveKit's server by its digest", () => {
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
  expect(readYaml(join(folder, "deploy.yml")).jobs.deploy.needs).toBe("test");
  expect(readYaml(join(folder, "what-if.yml")).on).toHaveProperty("pull_request");
  expect(readYaml(join(folder, "what-if.yml")).jobs["what-if"].if).toContain("head.repo.full_name");
});
