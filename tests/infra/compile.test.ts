import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { BicepRpc } from "../../tools/infra/bicep-rpc.ts";
import {
  deploymentVariables,
  infraDirectory,
  portalTemplateFile,
  snapshotFile,
  snapshotPlace,
  snapshots,
  templates,
} from "../../tools/infra/deployments.ts";
import { describeWithBicep, describeWithBothBiceps, sharedBicep, withVariables } from "./with-bicep.ts";

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const fixtures = join(import.meta.dirname, "fixtures");
const roots = ["main.bicep", join("gateway", "infra", "main.bicep")];
const regenerate = "run: node tools/bootstrap.mjs tools/infra.ts";

describeWithBothBiceps("the templates, by the Bicep CLI", (compiler) => {
  let bicep: BicepRpc;
  beforeAll(() => {
    bicep = sharedBicep(compiler);
  });

  // With every rule of the linter as an error: bicepconfig.json. The diagnostics include those of all modules.
  test.each(roots)("%s and its modules compile and pass the linter without a message", async (file) => {
    const { contents, diagnostics } = await bicep.compile(join(infraDirectory, file));
    expect(diagnostics).toEqual([]);
    expect(contents).not.toBeNull();
  });

  test.each(snapshots)(
    "the parameters of $name compile without a message, and their snapshot is the committed one",
    async ({ name, file, variables }) => {
      await withVariables(file, { ...deploymentVariables, ...variables }, async (copy) => {
        expect((await bicep.compileParams(copy)).diagnostics).toEqual([]);
        const snapshot = await bicep.snapshot(copy, snapshotPlace);
        expect(JSON.parse(snapshot), regenerate).toEqual(readJson(snapshotFile(name)));
      });
    },
  );

  test.each(["gateway.bicepparam", "guarded.bicepparam"])("the fixture %s can be deployed", async (file) => {
    const snapshot = await bicep.snapshot(join(fixtures, file), snapshotPlace);
    expect(JSON.parse(snapshot).predictedResources.length).toBeGreaterThan(0);
  });
});

describeWithBicep("the sources of the templates", () => {
  let bicep: BicepRpc;
  beforeAll(() => {
    bicep = sharedBicep();
  });

  test("every linter rule is an error, except the two that depend on the date or the network", () => {
    const { analyzers } = readJson(join(infraDirectory, "bicepconfig.json")) as {
      analyzers: { core: { enabled: boolean; rules: Record<string, { level: string }> } };
    };
    const { enabled, rules } = analyzers.core;
    expect(enabled).toBe(true);
    const notAtError = Object.keys(rules).filter((rule) => rules[rule]?.level !== "error");
    expect(notAtError).toEqual(["use-recent-api-versions", "use-recent-module-versions"]);
    expect(Object.keys(rules)).toHaveLength(55);
  });

  const all = [...templates, ...["main.bicepparam", join("gateway", "infra", "main.bicepparam")]];
  test.each(all)("bicep format does not change %s", async (file) => {
    const path = join(infraDirectory, file);
    expect(await bicep.format(path)).toBe(readFileSync(path, "utf8"));
  });

  test("azuredeploy.json is the compiled app.bicep", async () => {
    const { contents } = await bicep.compile(join(infraDirectory, "app.bicep"));
    expect(readJson(portalTemplateFile), regenerate).toEqual(JSON.parse(contents ?? ""));
  });

  test("each is a root, or a part of another one", () => {
    const parts = templates.flatMap((file) =>
      [...readFileSync(join(infraDirectory, file), "utf8").matchAll(/'([^']*\.bicep)'/g)].map(
        ([, name = ""]) => join(dirname(file), name),
      ),
    );
    expect([...new Set([...roots, ...parts])].sort()).toEqual([...templates].sort());
  });

  test("no module comes from a registry", () => {
    for (const file of templates) {
      expect(readFileSync(join(infraDirectory, file), "utf8"), file).not.toMatch(/'(br|ts)[:/]/);
    }
  });
});
