import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { BicepRpc } from "../../tools/infra/bicep-rpc.ts";
import { environments, infraDirectory, snapshotFile, snapshotPlace } from "../../tools/infra/deployments.ts";
import { Deployment, type Expected } from "./deployment.ts";
import { expectations, policies } from "./policies.ts";
import { appliesTo, violationsOf } from "./policy.ts";
import { describeWithBicep, sharedBicep } from "./with-bicep.ts";

const fixture = (name: string) => join(import.meta.dirname, "fixtures", `${name}.bicepparam`);

describeWithBicep("what is deployed", () => {
  const deployments: Deployment[] = [];
  let withGateway: Deployment;
  let bicep: BicepRpc;
  beforeAll(async () => {
    bicep = sharedBicep();
    const { contents } = await bicep.compile(join(infraDirectory, "main.bicep"));
    const deploy = async (expected: Expected) => {
      const { environment } = expected;
      // Of the environments, compile.test.ts holds the committed snapshots equal to the templates.
      const snapshot = environments.includes(environment)
        ? readFileSync(snapshotFile(environment), "utf8")
        : await bicep.snapshot(fixture(environment), snapshotPlace);
      return new Deployment(expected, snapshot, contents ?? "");
    };
    for (const expected of expectations) deployments.push(await deploy(expected));
    withGateway = await deploy({ ...(expectations[0] as Expected), environment: "gateway" });
  });

  test("every environment has expectations", () => {
    expect(expectations.map(({ environment }) => environment)).toEqual([...environments, "guarded"]);
  });

  for (const policy of policies) {
    test(policy.name, () => {
      const asked = deployments.filter((deployment) => appliesTo(policy, deployment));
      expect(asked.length).toBeGreaterThan(0);
      for (const deployment of asked) {
        expect(violationsOf(policy, deployment), deployment.expected.environment).toEqual([]);
      }
    });
  }

  test("API Management is created only on request", () => {
    const of = (deployment: Deployment) => deployment.all("Microsoft.ApiManagement/service").length;
    expect(deployments.map(of)).toEqual([0, 0, 0]);
    expect(of(withGateway)).toBe(1);
  });

  test("API Management calls the live app instead of the deployed one, with its key", () => {
    const [policy] = withGateway.all("Microsoft.ApiManagement/service/apis/policies");
    const [key, ...others] = withGateway.all("Microsoft.ApiManagement/service/namedValues");
    expect(withGateway.app.name).toMatch(/^func-lkps-gateway-[a-z0-9]{13}$/);
    expect(policy?.["properties"].value).toMatch(
      /sites\/func-lkps-gateway-green-[a-z0-9]{13}'.*defaultHostName/,
    );
    expect(policy?.["properties"].value).toContain("lkps-function-key-green");
    expect([key?.name.split("/").at(-1), others]).toEqual(["lkps-function-key-green", []]);
    // The first version whose management API hides secrets.
    const { apiVersionConstraint } = withGateway.one("Microsoft.ApiManagement/service")["properties"];
    expect(apiVersionConstraint).toEqual({ minApiVersion: "2021-08-01" });
  });

  test.each([
    ["alwaysReadyInstances: 2", "alwaysReadyInstances: 1", "alwaysReadyInstances must be 0 or at least 2"],
    ["alwaysReadyInstances: 2", "maximumInstanceCount: 39", "Compilation failed"],
    ["param access = {", "param callerIdentity = 'access-token'\nparam access = {", "easyAuth requires"],
    [
      "param settings = {",
      "param settings = {\n  consoleClientId: 'c0501e00-0000-4000-8000-000000000001'",
      "settings.consoleClientId requires",
    ],
  ])("refuses a deployment with %j in the place of %j: %s", async (from, to, message) => {
    const folder = mkdtempSync(join(tmpdir(), "lkps-refused-"));
    try {
      const source = readFileSync(fixture("guarded"), "utf8");
      expect(source).toContain(from);
      const file = join(folder, "refused.bicepparam");
      // Bicep follows relative paths only.
      const main = relative(folder, join(infraDirectory, "main.bicep")).replaceAll("\\", "/");
      writeFileSync(file, source.replace(from, to).replace(/^using .*/m, `using '${main}'`));
      await expect(bicep.snapshot(file, snapshotPlace)).rejects.toThrow(message);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("browsers may call API Management from the given origins only", () => {
    const [policy] = withGateway.all("Microsoft.ApiManagement/service/apis/policies");
    const origins = policy?.["properties"].value.match(/<origin>.*?<\/origin>/g);
    expect(origins).toEqual(["<origin>https://console.example</origin>"]);
  });
});
