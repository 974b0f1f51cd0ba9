import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { environments, infraDirectory } from "../../tools/infra/deployments.ts";

let infra: string;
beforeEach(() => {
  infra = mkdtempSync(join(tmpdir(), "lkps-hooks-"));
  for (const file of ["hooks", ...environments.map((name) => `${name}.bicepparam`)]) {
    cpSync(join(infraDirectory, file), join(infra, file), { recursive: true });
  }
});
afterEach(() => rmSync(infra, { recursive: true, force: true }));

const selectParameters = (environment: string | undefined) =>
  spawnSync(process.execPath, [join(infra, "hooks", "select-parameters.mjs")], {
    encoding: "utf8",
    env: { ...process.env, AZURE_ENV_NAME: environment },
  });
const chosen = () => join(infra, "main.bicepparam");

test.each(environments)("azd's hook before provisioning takes the parameters of %s", (environment) => {
  const { status, stdout } = selectParameters(environment);
  expect(stdout).toContain(`infra/${environment}.bicepparam`);
  expect(status).toBe(0);
  expect(readFileSync(chosen(), "utf8")).toBe(readFileSync(join(infra, `${environment}.bicepparam`), "utf8"));
});

test.each([undefined, "", "staging", "main", "../np"])(
  "it refuses the environment %j, and says which there are",
  (name) => {
    const { status, stderr } = selectParameters(name);
    expect(status).toBe(1);
    expect(stderr).toContain(`Environments: ${environments.join(", ")}`);
    expect(existsSync(chosen())).toBe(false);
  },
);
