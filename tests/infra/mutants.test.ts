import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { environments, infraDirectory, snapshotPlace } from "../../tools/infra/deployments.ts";
import { repositoryRoot } from "../../tools/repository.ts";
import { Deployment, type Expected } from "./deployment.ts";
import { type Mutant, mutants } from "./mutants.ts";
import { templatePolicies } from "./policies/template.ts";
import { expectations, policies } from "./policies.ts";
import { type Policy, violationsOf } from "./policy.ts";
import { describeWithBicep, startBicep } from "./with-bicep.ts";

vi.setConfig({ testTimeout: 300_000 });

const fixtures = join("tests", "infra", "fixtures");

/** Deploys the mutants of a list one after the other, in a copy of the templates, and answers those that live. */
async function survivorsOf(list: readonly Mutant[]): Promise<string[]> {
  const copy = mkdtempSync(join(tmpdir(), "lkps-mutants-"));
  const infra = join(copy, "infra");
  cpSync(infraDirectory, infra, { recursive: true });
  cpSync(join(repositoryRoot, fixtures), join(copy, fixtures), { recursive: true });
  // Neither the linter's findings nor the text of queries matter here, and both take most of the time.
  writeFileSync(join(infra, "bicepconfig.json"), JSON.stringify({ analyzers: { core: { enabled: false } } }));
  for (const query of readdirSync(join(infra, "kql"))) writeFileSync(join(infra, "kql", query), "");
  await using bicep = startBicep();
  const survivors: string[] = [];
  for (const { policy: name, environment, file, from, to } of list) {
    const path = join(infra, file);
    const source = readFileSync(path, "utf8");
    const mutated = source.replace(from, () => to);
    expect(mutated, `${file} has no ${from}`).not.toBe(source);
    writeFileSync(path, mutated);
    const folder = environments.includes(environment) ? infra : join(copy, fixtures);
    const policy = policies.find((each) => each.name === name) as Policy;
    const change = `${file}: ${JSON.stringify(from)} → ${JSON.stringify(to)}`;
    const snapshot = await bicep
      .snapshot(join(folder, `${environment}.bicepparam`), snapshotPlace)
      // A mutant that is not even a template shows nothing of the policies.
      .catch((cause: unknown) => Promise.reject(new Error(`Not deployable: ${change}`, { cause })));
    const template = templatePolicies.includes(policy)
      ? (await bicep.compile(join(infra, "main.bicep"))).contents
      : null;
    writeFileSync(path, source);
    const expected = expectations.find((each) => each.environment === environment) as Expected;
    const deployment = new Deployment(expected, snapshot, template ?? "{}");
    const [violation] = violationsOf(policy, deployment);
    if (violation === undefined) survivors.push(change);
    console.log(`${violation === undefined ? "LIVES" : "killed"} by «${name}»: ${change}`);
  }
  rmSync(copy, { recursive: true, force: true });
  return survivors;
}

test("every policy has a mutant that it must kill", () => {
  const named = new Set(mutants.map(({ policy }) => policy));
  expect([...named].sort()).toEqual(policies.map(({ name }) => name).sort());
});

describeWithBicep("mutants of the templates", () => {
  test(`the policies kill all ${mutants.length}`, async () => {
    // Two at a time: the CLI works on one request after the other.
    const halves = [0, 1].map((half) => survivorsOf(mutants.filter((_, index) => index % 2 === half)));
    expect((await Promise.all(halves)).flat()).toEqual([]);
  });
});
