import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import {
  environments,
  infraDirectory,
  parametersFile,
  snapshotPlace,
} from "../../tools/infra/deployments.ts";
import { Deployment, type Expected } from "./deployment.ts";
import { expectations, policies } from "./policies.ts";
import { appliesTo, violationsOf } from "./policy.ts";
import { describeWithBicep, startBicep } from "./with-bicep.ts";

const fixture = (name: string) => join(import.meta.dirname, "fixtures", `${name}.bicepparam`);
const fileOf = ({ environment }: Expected) =>
  environments.includes(environment) ? parametersFile : fixture(environment);

describeWithBicep("what is deployed", () => {
  const deployments: Deployment[] = [];
  let withGateway: Deployment;
  beforeAll(async () => {
    await using bicep = startBicep();
    const { contents } = await bicep.compile(join(infraDirectory, "main.bicep"));
    const deploy = async (expected: Expected) => {
      await using ofEnvironment = startBicep({ AZURE_ENV_NAME: expected.environment });
      const snapshot = await ofEnvironment.snapshot(fileOf(expected), snapshotPlace);
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

  test("API Management comes only where it is asked for", () => {
    const of = (deployment: Deployment) => deployment.all("Microsoft.ApiManagement/service").length;
    expect(deployments.map(of)).toEqual([0, 0, 0]);
    expect(of(withGateway)).toBe(1);
  });

  test("browsers may call API Management from the given origins only", () => {
    const [policy] = withGateway.all("Microsoft.ApiManagement/service/apis/policies");
    const origins = policy?.["properties"].value.match(/<origin>.*?<\/origin>/g);
    expect(origins).toEqual(["<origin>https://console.example</origin>"]);
  });
});
