import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { infraDirectory } from "../../tools/infra/deployments.ts";
import { needs } from "../../tools/test/needs.ts";

const principal = "1de47170-0000-4000-8000-000000000001";
const graphPrincipal = "64a94000-0000-4000-8000-000000000001";
const tenant = "7e4a4700-0000-4000-8000-000000000001";
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
  /** The tenant that it is signed in to; null if it is not. */
  readonly signedInTo?: string | null;
}

/** A program named `az` that keeps grants in a file and records its calls. */
function standInAz(az: Az): void {
  const { granted = [], refusesToRead = false, refusesToGrant = false, signedInTo = tenant } = az;
  writeFileSync(join(folder, "granted"), granted.map((id) => `${id}\r\n`).join(""));
  const script = `#!/usr/bin/env bash
echo "$*" >>"${folder}/calls"
case "$*" in
  "account show"*) ${signedInTo === null ? "echo 'Please run az login' >&2; exit 1" : `echo "${signedInTo}"`} ;;
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

/** Runs a script as a person, not as a pipeline, with these variables of azd. */
function run(script: string, args: readonly string[] | string = [], variables: Record<string, string> = {}) {
  const { CI: _, TF_BUILD: __, ...inherited } = process.env;
  const env = { ...inherited, ...variables, PATH: [folder, process.env["PATH"]].join(delimiter) };
  const { status, stdout, stderr } = spawnSync("bash", [join(infraDirectory, script), ...[args].flat()], {
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
  const hook = (variables: Record<string, string> = {}) =>
    run("hooks/check-grant.sh", principal, { AZURE_TENANT_ID: tenant, ...variables });

  test("continues if the permission is granted", () => {
    standInAz({ granted: [applicationReadAll], signedInTo: tenant.toUpperCase() });
    expect(hook().status).toBe(0);
  });

  test.each<[why: string, az: Az, says: string]>([
    ["az is not signed in", { signedInTo: null }, `az is not signed in. Run: az login --tenant ${tenant}`],
    ["az is in another tenant", { signedInTo: principal }, `az is signed in to the tenant ${principal}`],
    ["the deployer may not read the directory", { refusesToRead: true }, "lack the right to read"],
  ])("stops a person if it could not check because %s, and continues in a pipeline", (_, az, says) => {
    standInAz({ granted: [applicationReadAll], ...az });
    const { status, stderr } = hook();
    expect(stderr).toContain(says);
    expect(stderr).toContain("azd env set LKPS_SKIP_GRANT_CHECK true");
    expect(status).toBe(2);
    for (const variables of [{ CI: "true" }, { TF_BUILD: "True" }, { LKPS_SKIP_GRANT_CHECK: "true" }])
      expect(hook(variables).status).toBe(0);
  });

  test("stops before the app is deployed if it would not start without an audience", () => {
    standInAz({ granted: [applicationReadAll] });
    const byToken = { LKPS_CALLER_IDENTITY: "access-token" };
    const command = `bash infra/graph/registration.sh lkps-np-abc ${principal}`;
    expect(hook({ ...byToken, LKPS_REGISTRATION_NAME: "lkps-np-abc" })).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(
        new RegExp(`${command}[^]*azd env set ENTRA_AUDIENCE CLIENT_ID && azd up`),
      ),
    });
    expect(hook({ ...byToken, ENTRA_AUDIENCE: "id" }).status).toBe(0);
    standInAz({ refusesToRead: true });
    expect(hook({ ...byToken, CI: "true" }).status).toBe(1);
  });

  test("names the one command of the admin's visit", () => {
    standInAz({});
    const { status, stdout } = hook({ LKPS_REGISTRATION_NAME: "lkps-np-abc" });
    expect(stdout).toContain(
      `  az login --tenant ${tenant}\n  bash infra/graph/registration.sh lkps-np-abc ${principal}\n`,
    );
    expect(status).toBe(1);
  });

  test("stops before the app is deployed if the grant is missing", () => {
    standInAz({});
    const { status, stdout } = hook();
    expect(status).toBe(1);
    expect(stdout).toContain("Then continue with: azd up");
  });
});
