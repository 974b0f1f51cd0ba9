import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bicepEnvironment } from "../../tools/infra/bicep.ts";
import { infraDirectory } from "../../tools/infra/deployments.ts";
import { needs } from "../../tools/test/needs.ts";
import { bicepPath, describeWithBicep, startBicep } from "./with-bicep.ts";

const principal = "1de47170-0000-4000-8000-000000000001";
const graphPrincipal = "64a94000-0000-4000-8000-000000000001";
const applicationReadAll = "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lkps-grant-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the stand-in for `az` answers; `granted` is what Microsoft Graph has, one role id per line. */
interface Az {
  readonly granted?: readonly string[];
  readonly refusesToRead?: boolean;
  readonly refusesToGrant?: boolean;
}

/** A program named `az` that keeps grants in a file and records its calls. */
function standInAz({ granted = [], refusesToRead = false, refusesToGrant = false }: Az): void {
  writeFileSync(join(folder, "granted"), granted.map((id) => `${id}\r\n`).join(""));
  const script = `#!/usr/bin/env bash
echo "$*" >>"${folder}/calls"
case "$*" in
  "cloud show"*) echo https://graph.microsoft.com/ ;;
  "ad sp show --id 00000003-0000-0000-c000-000000000000"*) echo ${graphPrincipal} ;;
  "rest --method GET"*) ${refusesToRead ? "echo Forbidden >&2; exit 1" : `cat "${folder}/granted"`} ;;
  "rest --method POST"*) ${refusesToGrant ? "echo Forbidden >&2; exit 1" : `echo ${applicationReadAll} >>"${folder}/granted"`} ;;
  *) echo "unexpected: az $*" >&2; exit 64 ;;
esac
`;
  writeFileSync(join(folder, "az"), script);
  chmodSync(join(folder, "az"), 0o755);
}

function run(script: string, ...args: string[]) {
  const env = { ...process.env, PATH: [folder, process.env["PATH"]].join(delimiter) };
  const { status, stdout, stderr } = spawnSync("bash", [join(infraDirectory, script), ...args], {
    encoding: "utf8",
    env,
  });
  return { status, stdout, stderr };
}

const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
const posts = () => calls().filter((call) => call.includes("--method POST"));

describe("graph/check.sh", await needs("posix"), () => {
  test("reports the grant from the identity's own assignments", () => {
    standInAz({ granted: ["b0afded3-3588-46d8-8b3d-9842eff778da", applicationReadAll.toUpperCase()] });
    expect(run("graph/check.sh", principal)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Granted: /),
    });
    const url = `https://graph.microsoft.com/v1.0/servicePrincipals/${principal}/appRoleAssignments`;
    expect(calls().at(-1)).toContain(`--url ${url} `);
  });

  test.each([{ granted: [] }, { granted: ["b0afded3-3588-46d8-8b3d-9842eff778da"] }])(
    "reports a missing grant, and who can fix it and how ($granted)",
    (az) => {
      standInAz(az);
      const { status, stdout } = run("graph/check.sh", principal);
      expect(status).toBe(1);
      expect(stdout).toContain(`bash infra/graph/grant.sh ${principal}`);
      expect(posts()).toEqual([]);
    },
  );

  test("does not mistake an error for an answer", () => {
    standInAz({ refusesToRead: true });
    expect(run("graph/check.sh", principal)).toMatchObject({ status: 2, stdout: "" });
  });

  test.each(["", "lkps", `${principal}/x`])("queries nothing for %j, which is not an object id", (id) => {
    standInAz({});
    expect(run("graph/check.sh", id).status).toBe(2);
    expect(() => calls()).toThrow("ENOENT");
  });
});

describe("graph/grant.sh", await needs("posix"), () => {
  test("grants the one permission to the one identity, and checks it", () => {
    standInAz({});
    const { status, stdout } = run("graph/grant.sh", principal);
    expect(stdout).toMatch(/^Granted: /);
    expect(status).toBe(0);
    const [post = "", ...others] = posts();
    expect(others).toEqual([]);
    expect(post).toContain(`/v1.0/servicePrincipals/${graphPrincipal}/appRoleAssignedTo`);
    const body = JSON.parse(/--body (\{.*?\})/.exec(post)?.[1] ?? "");
    expect(body).toEqual({
      principalId: principal,
      resourceId: graphPrincipal,
      appRoleId: applicationReadAll,
    });
  });

  test("does nothing if the grant exists", () => {
    standInAz({ granted: [applicationReadAll] });
    expect(run("graph/grant.sh", principal)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Nothing to do/),
    });
    expect(posts()).toEqual([]);
  });

  test("says so if it is not allowed to grant", () => {
    standInAz({ refusesToGrant: true });
    expect(run("graph/grant.sh", principal)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^Not granted: /),
    });
  });

  test("grants nothing if it cannot read the existing grants", () => {
    standInAz({ refusesToRead: true });
    expect(run("graph/grant.sh", principal).status).toBe(2);
    expect(posts()).toEqual([]);
  });
});

describe("azd's hook after provisioning", await needs("posix"), () => {
  test("continues if the permission is granted, or if that cannot be checked", () => {
    standInAz({ granted: [applicationReadAll] });
    expect(run("hooks/check-grant.sh", principal).status).toBe(0);
    standInAz({ refusesToRead: true });
    expect(run("hooks/check-grant.sh", principal).status).toBe(0);
  });

  test("stops before the app is deployed if the grant is missing", () => {
    standInAz({});
    const { status, stdout } = run("hooks/check-grant.sh", principal);
    expect(status).toBe(1);
    expect(stdout).toContain("azd deploy");
  });
});

describeWithBicep("graph/grant.bicep", () => {
  test("compiles, and grants what grant.sh grants", async () => {
    const [graph, extension] = [join(infraDirectory, "graph"), join(folder, "graph.tgz")];
    // The types come from a registry; these are the members in use, written down, so that a test needs no network.
    cpSync(join(graph, "types"), join(folder, "types"), { recursive: true });
    copyFileSync(join(graph, "grant.bicep"), join(folder, "grant.bicep"));
    const config = JSON.parse(readFileSync(join(infraDirectory, "bicepconfig.json"), "utf8"));
    expect(config.extensions.microsoftGraphV1).toMatch(/^br:mcr\.microsoft\.com\/.*:1\.0\.0$/);
    config.extensions.microsoftGraphV1 = "./graph.tgz";
    writeFileSync(join(folder, "bicepconfig.json"), JSON.stringify(config));
    const publish = ["publish-extension", join(folder, "types", "index.json"), "--target", extension];
    expect(spawnSync(bicepPath(), publish, { env: bicepEnvironment(), cwd: folder }).status).toBe(0);

    await using bicep = startBicep();
    const file = join(folder, "grant.bicep");
    const { contents, diagnostics } = await bicep.compile(file);
    expect(diagnostics).toEqual([]);
    expect(await bicep.format(file)).toBe(readFileSync(file, "utf8"));
    const { imports, resources, variables } = JSON.parse(contents ?? "");
    expect(imports).toEqual({ microsoftGraphV1: { provider: "MicrosoftGraph", version: "1.0.0" } });
    expect(variables).toEqual({ applicationReadAll });
    expect(resources).toEqual({
      microsoftGraph: {
        existing: true,
        import: "microsoftGraphV1",
        type: "Microsoft.Graph/servicePrincipals@v1.0",
        properties: { appId: "00000003-0000-0000-c000-000000000000" },
      },
      grant: {
        import: "microsoftGraphV1",
        type: "Microsoft.Graph/appRoleAssignedTo@v1.0",
        properties: {
          appRoleId: "[variables('applicationReadAll')]",
          principalId: "[parameters('principalId')]",
          resourceId: "[reference('microsoftGraph').id]",
        },
        dependsOn: ["microsoftGraph"],
      },
    });
  });
});
