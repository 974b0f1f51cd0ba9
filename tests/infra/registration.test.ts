import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bicepEnvironment } from "../../tools/infra/bicep.ts";
import { infraDirectory } from "../../tools/infra/deployments.ts";
import { needs } from "../../tools/test/needs.ts";
import { existingNodes } from "./existing-nodes.ts";
import { bicepPath, describeWithBothBiceps, sharedBicep } from "./with-bicep.ts";

// What the admin's one command makes in Entra ID: by Bicep, and by az alone.

const principal = "1de47170-0000-4000-8000-000000000001";
const graph = join(infraDirectory, "graph");
const delegated = [
  { id: "e1fe6dd8-ba31-4d61-89e7-88639da4683d", type: "Scope" },
  { id: "c79f8feb-a9db-4090-85f9-90d820caa0eb", type: "Scope" },
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lkps-registration-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeWithBothBiceps("graph/registration.bicep", (compiler) => {
  // biome-ignore lint/suspicious/noExplicitAny: a compiled template
  let template: any;
  let resources: Record<string, { type: string; properties: Record<string, unknown>; condition?: string }>;
  beforeAll(async () => {
    // The types come from a registry; these are the members in use, written down, so that a test needs no network.
    cpSync(join(graph, "types"), join(folder, "types"), { recursive: true });
    for (const file of ["registration", "identifier-uri", "grant"])
      copyFileSync(join(graph, `${file}.bicep`), join(folder, `${file}.bicep`));
    const config = JSON.parse(readFileSync(join(infraDirectory, "bicepconfig.json"), "utf8"));
    expect(config.extensions.microsoftGraphV1).toMatch(/^br:mcr\.microsoft\.com\/.*:1\.0\.0$/);
    config.extensions.microsoftGraphV1 = "./graph.tgz";
    writeFileSync(join(folder, "bicepconfig.json"), JSON.stringify(config));
    const publish = ["publish-extension", join("types", "index.json"), "--target", "graph.tgz", "--force"];
    expect(spawnSync(bicepPath(compiler), publish, { env: bicepEnvironment(), cwd: folder }).status).toBe(0);
    const bicep = sharedBicep(compiler);
    for (const file of ["identifier-uri", "grant", "registration"]) {
      const path = join(folder, `${file}.bicep`);
      const { contents, diagnostics } = await bicep.compile(path);
      expect(diagnostics).toEqual([]);
      if (compiler === "newest") expect(await bicep.format(path)).toBe(readFileSync(path, "utf8"));
      template = JSON.parse(contents ?? "");
    }
    resources = template.resources;
  });

  test("is made again by its unique name, with v2 tokens, the one scope, and a service principal", () => {
    expect(template.imports).toEqual({ microsoftGraphV1: { provider: "MicrosoftGraph", version: "1.0.0" } });
    const { lkps, lkpsPrincipal } = resources;
    expect(lkps?.properties).toMatchObject({
      uniqueName: "[parameters('name')]",
      signInAudience: "AzureADMyOrg",
      api: {
        requestedAccessTokenVersion: 2,
        oauth2PermissionScopes: [
          { id: "[variables('accessAsUser')]", value: "access_as_user", type: "User", isEnabled: true },
        ],
      },
    });
    expect(template.variables.accessAsUser).toBe("[guid(parameters('name'), 'access_as_user')]");
    expect(lkpsPrincipal?.properties["appId"]).toBe("[reference('lkps').appId]");
  });

  test("has the identifier URI of its client id, and the grant", () => {
    const nested = (name: string) =>
      Object.values<{ properties: unknown }>(template.resources[name].properties.template.resources);
    expect(nested("identifierUri").map(({ properties }) => properties)).toContainEqual(
      expect.objectContaining({ identifierUris: ["[format('api://{0}', parameters('clientId'))]"] }),
    );
    expect(nested("grant").map(({ properties }) => properties)).toContainEqual({
      appRoleId: "[variables('applicationReadAll')]",
      principalId: "[parameters('principalId')]",
      resourceId: "[reference('microsoftGraph').id]",
    });
    expect(JSON.stringify(template)).toContain("9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30");
  });

  test("has the console only on request: a single-page application with the admin's consent", () => {
    const consoles = Object.entries(resources).filter(([name]) => name.startsWith("console"));
    expect(consoles.map(([name]) => name)).toEqual([
      "console",
      "consolePrincipal",
      "consoleReadsGraph",
      "consoleCallsLkps",
    ]);
    for (const [, { condition }] of consoles)
      expect(condition).toBe("[not(empty(parameters('consoleBaseUrl')))]");
    expect(resources["console"]?.properties).toMatchObject({
      uniqueName: "[format('{0}-console', parameters('name'))]",
      signInAudience: "AzureADMyOrg",
      spa: { redirectUris: ["[format('{0}/console', parameters('consoleBaseUrl'))]"] },
    });
    expect(Object.values(template.variables.graphPermissions)).toEqual(delegated.map(({ id }) => id));
    expect(resources["consoleReadsGraph"]?.properties["scope"]).toBe(
      "[format('openid profile offline_access {0}', join(objectKeys(variables('graphPermissions')), ' '))]",
    );
    expect(resources["consoleCallsLkps"]?.properties["scope"]).toBe("access_as_user");
  });

  test("reads only Microsoft Graph's own service principal, which is in every tenant", () => {
    const reads = existingNodes(template).map(({ path, early }) => [path, early]);
    // Extension resources have no names by which one could tell that these are others.
    expect(new Set(reads.map(([path]) => path))).toEqual(new Set(["microsoftGraph", "grant/microsoftGraph"]));
  });
});

describe("graph/registration.sh", await needs("posix", "openssl"), () => {
  /** A program named `az` over a tenant, which is a folder: what it was sent, by method and address. */
  function run(args: readonly string[], isThere = false) {
    const script = `#!/usr/bin/env bash
case "$*" in *@-*) body="$(cat)"; printf '%s\\t%s\\t%s\\n' "$3" "$5" "$(tr -d '\\n' <<<"$body")" >>"${folder}/sent";; esac
case "$*" in
  "account show"*) echo tenant;;
  "cloud show"*) echo https://graph.microsoft.com/;;
  *appRoleAssignments*) echo 9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30;;
  *"--query appId"*-console*|*-console*"--query appId"*) echo console-id;;
  *"--query appId"*) echo lkps-id;;
  *"servicePrincipals(appId="*"--output none") exit ${isThere ? 0 : 1};;
  *"servicePrincipals(appId="*)
    [ -e "${folder}/replicated" ] || { touch "${folder}/replicated"; exit 1; }
    echo principal-of-"$(sed "s/.*appId='//; s/'.*//" <<<"$*")";;
  *oauth2PermissionGrants*GET*|*GET*oauth2PermissionGrants*) ${isThere ? "echo grant" : ":"};;
  "ad sp create"*) echo "$*" >>"${folder}/principals";;
esac
`;
    writeFileSync(join(folder, "az"), script);
    writeFileSync(join(folder, "sleep"), "#!/bin/sh\n");
    for (const program of ["az", "sleep"]) chmodSync(join(folder, program), 0o755);
    rmSync(join(folder, "replicated"), { force: true });
    for (const file of ["sent", "principals"]) writeFileSync(join(folder, file), "");
    const env = { ...process.env, PATH: [folder, process.env["PATH"]].join(delimiter) };
    const done = spawnSync("bash", [join(graph, "registration.sh"), ...args], { encoding: "utf8", env });
    const linesOf = (file: string) => readFileSync(join(folder, file), "utf8").split("\n").filter(Boolean);
    return {
      ...done,
      principals: linesOf("principals"),
      sent: linesOf("sent").map((line) => {
        const [method = "", url = "", body = ""] = line.split("\t");
        return { method, path: url.replace("https://graph.microsoft.com/v1.0/", ""), body: JSON.parse(body) };
      }),
    };
  }
  const lkps = "applications(uniqueName='lkps-np-abc')";

  test("makes what the template makes, once Entra ID has it everywhere, and prints the client id", () => {
    const { status, stdout, stderr, sent, principals } = run(["lkps-np-abc", principal]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("ENTRA_AUDIENCE=lkps-id");
    const [application, uri, ...others] = sent;
    expect([application?.method, application?.path, others]).toEqual(["PATCH", lkps, []]);
    expect(application?.body.api).toMatchObject({
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: [
        {
          // guid('lkps-np-abc', 'access_as_user') by the Bicep CLI.
          id: "9f37e0ad-ef09-543e-ba46-4568695d8e83",
          value: "access_as_user",
          isEnabled: true,
        },
      ],
    });
    expect([uri?.path, uri?.body]).toEqual([lkps, { identifierUris: ["api://lkps-id"] }]);
    expect(principals).toEqual(["ad sp create --id lkps-id --output none"]);
  });

  test("makes no second service principal or consent", () => {
    const { sent, principals } = run(["lkps-np-abc", principal, "https://lkps.example"], true);
    expect(sent.map(({ method }) => method)).toEqual(["PATCH", "PATCH", "PATCH"]);
    expect(principals).toEqual([]);
  });

  test("registers the console with an address, and consents for everybody", () => {
    const { status, stdout, sent } = run(["lkps-np-abc", principal, "https://lkps.example"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/ENTRA_AUDIENCE=lkps-id\nCONSOLE_CLIENT_ID=console-id\n$/);
    const [, , console, ...consents] = sent;
    expect(console?.body).toMatchObject({
      spa: { redirectUris: ["https://lkps.example/console"] },
      requiredResourceAccess: [
        { resourceAppId: "00000003-0000-0000-c000-000000000000", resourceAccess: delegated },
        { resourceAppId: "lkps-id", resourceAccess: [{ type: "Scope" }] },
      ],
    });
    expect(consents.map(({ path, body }) => `${path} ${body.consentType} ${body.scope}`)).toEqual([
      "oauth2PermissionGrants AllPrincipals openid profile offline_access User.Read Application.Read.All",
      "oauth2PermissionGrants AllPrincipals access_as_user",
    ]);
  });

  test.each([
    [["lkps", principal]],
    [["lkps-np-abc", principal, 'http://x"']],
    [["lkps-np-abc", principal, "https://x/"]],
  ])("refuses %j before anything is sent", (args) => {
    const { status, sent } = run(args);
    expect([status, sent]).toEqual([2, []]);
  });
});
