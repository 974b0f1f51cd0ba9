import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { infraDirectory } from "../../tools/infra/deployments.ts";
import { existingNodes } from "./existing-nodes.ts";
import { describeWithBothBiceps, sharedBicep } from "./with-bicep.ts";

// Azure reads an `existing` resource that something refers to by a request of its own, which waits only for what its
// dependsOn names. If the same template creates it, the first deployment fails, and the second one passes.

describeWithBothBiceps("what the templates read from Azure", (compiler) => {
  let main = "";
  let gateway = "";
  beforeAll(async () => {
    const bicep = sharedBicep(compiler);
    const compiled = async (file: string) => (await bicep.compile(join(infraDirectory, file))).contents ?? "";
    [main, gateway] = [await compiled("main.bicep"), await compiled(join("gateway", "infra", "main.bicep"))];
  });

  test("main.bicep reads these, each after the module that creates it", () => {
    const nodes = existingNodes(JSON.parse(main));
    expect(nodes.map(({ path, type }) => [path, type])).toEqual([
      ["lkps/liveApp", "Microsoft.Web/sites"],
      ["lkps/gateway/vault", "Microsoft.KeyVault/vaults"],
    ]);
    expect(nodes.flatMap(({ path, early }) => early.map((creator) => `${path} before ${creator}`))).toEqual(
      [],
    );
    const [liveApp, vault] = nodes.map(({ waitsFor }) => waitsFor);
    expect(liveApp).toContain("lkps/functionApp");
    expect(vault).toContain("lkps/keyVault");
  });

  test("main.bicep reads the live app only for the gateway that calls it: elsewhere, it need not exist yet", () => {
    const { liveApp, gateway } = JSON.parse(main).resources.lkps.properties.template.resources;
    expect(liveApp.condition).toBe("[not(equals(parameters('apiManagement'), null()))]");
    expect(liveApp.condition).toBe(gateway.condition);
  });

  test("API Management reads one secret, by a right that it has before it is created: such a right takes effect slowly", () => {
    const { gateway } = JSON.parse(main).resources.lkps.properties.template.resources;
    const { identity, functionKeyReader, service, functionKey } = gateway.properties.template.resources;
    expect(identity.dependsOn).toBeUndefined();
    expect(functionKeyReader.scope).toContain("'Microsoft.KeyVault/vaults/secrets'");
    expect(functionKeyReader.properties.principalId).toBe("[reference('identity').principalId]");
    expect(service.dependsOn).toEqual(["functionKeyReader", "identity"]);
    expect(functionKey.dependsOn).toContain("service");
    expect(functionKey.properties.keyVault.identityClientId).toBe("[reference('identity').clientId]");
  });

  test("the gateway's template reads these, which the template of LKPS has created", () => {
    const nodes = existingNodes(JSON.parse(gateway));
    expect(nodes.map(({ path, type, waitsFor }) => [path, type, waitsFor])).toEqual([
      ["gateway/liveApp", "Microsoft.Web/sites", ["group", "identity", "keyReaders"]],
      ["gateway/nextApp", "Microsoft.Web/sites", ["group", "identity", "keyReaders"]],
    ]);
  });
});
