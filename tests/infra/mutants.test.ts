import { expect, test, vi } from "vitest";
import { Deployment, type Expected } from "./deployment.ts";
import { openMutantWorkshop } from "./mutant-workshop.ts";
import { type Mutant, mutants } from "./mutants.ts";
import { expectations, policies } from "./policies.ts";
import { type Policy, violationsOf } from "./policy.ts";
import { describeWithBicep, startBicep } from "./with-bicep.ts";

vi.setConfig({ testTimeout: 300_000 });

/** One in four, because they only test the tests. `npm run verify` runs all of them. */
const chosen = mutants.filter((_, index) => index % 4 === 0 || process.env["LKPS_VERIFY"] === "1");

/** Deploys the mutants of a list one after the other, and returns those that survive their policy. */
async function survivorsOf(list: readonly Mutant[]): Promise<string[]> {
  await using bicep = startBicep();
  using workshop = await openMutantWorkshop(bicep);
  const survivors: string[] = [];
  for (const mutant of list) {
    const change = `${mutant.file}: ${JSON.stringify(mutant.from)} → ${JSON.stringify(mutant.to)}`;
    // A mutant that does not compile says nothing about the policies.
    const { snapshot, template } = await workshop.deploy(mutant).catch((cause: unknown) => {
      throw new Error(`Not deployable: ${change}`, { cause });
    });
    const policy = policies.find(({ name }) => name === mutant.policy) as Policy;
    const expected = expectations.find(({ environment }) => environment === mutant.environment) as Expected;
    const killed = violationsOf(policy, new Deployment(expected, snapshot, template)).length > 0;
    if (!killed) survivors.push(change);
    console.log(`${killed ? "killed" : "LIVES"} by «${policy.name}»: ${change}`);
  }
  return survivors;
}

test("every policy has a mutant that it must kill", () => {
  const named = new Set(mutants.map(({ policy }) => policy));
  expect([...named].sort()).toEqual(policies.map(({ name }) => name).sort());
});

describeWithBicep("mutants of the templates", () => {
  test(`the policies kill all ${chosen.length}`, async () => {
    // Two at a time: the CLI works on one request after the other.
    const halves = [0, 1].map((half) => survivorsOf(chosen.filter((_, index) => index % 2 === half)));
    expect((await Promise.all(halves)).flat()).toEqual([]);
  });
});
