import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededDirectoryFile } from "../../dev/stack.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { needs } from "../../tools/test/needs.ts";
import { agentIdentity, entry, scope } from "../support/app-registration.ts";
import { runLkps } from "../support/run-lkps.ts";
import { type Service, startService } from "../support/service.ts";

/** The client that is approved in dev/entra/directory.json. */
const CLIENT = "c11e4700-0000-4000-8000-000000000001";
const OTHER_SCOPE = { id: "5c09e000-0000-4000-8000-0000000000bb", value: "other_scope", isEnabled: true };
const OTHER_ENTRY = {
  appId: "c11e4700-0000-4000-8000-000000000002",
  delegatedPermissionIds: [OTHER_SCOPE.id],
};

const granted = entry({ appId: CLIENT });
const ungranted = entry({ appId: CLIENT, delegatedPermissionIds: [] });
/** Agents that deny the client: their scopes and entries, and what the client is answered. */
const agents: [agent: string, scopes: object[], entries: object[], code: string][] = [
  ["that was made a moment ago", [], [], "scope_not_exposed"],
  [
    "whose scope has another name, and is what the client holds",
    [scope({ value: "access_as_clients" })],
    [granted],
    "scope_not_exposed",
  ],
  ["whose scope is disabled", [scope({ isEnabled: false })], [granted], "scope_disabled"],
  ["that does not list the client", [scope()], [], "client_not_pre_authorized"],
  ["that lists the client without the scope", [scope()], [ungranted], "scope_not_granted"],
];

let service: Service;
let folder: string;
let directoryFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lkps-fix-"));
  directoryFile = join(folder, "directory.json");
  const az = join(repositoryRoot, "tests/support/az/az.ts");
  await writeFile(join(folder, "az"), `#!/bin/sh\nexec "${process.execPath}" "${az}" "$@"\n`);
  await chmod(join(folder, "az"), 0o755);
  await writeFile(directoryFile, await readFile(seededDirectoryFile));
  // No cache, so that what was repaired counts at once.
  const settings = { GRAPH_CACHE_SECONDS: "0" };
  service = await startService({ settings, dataDirectory: join(folder, "data"), directoryFile });
});
afterAll(async () => {
  await service?.close();
  await rm(folder, { recursive: true, force: true });
});

const check = (agent: string) =>
  runLkps(["check", "--local", "--json", "--agent", agent, "--client", CLIENT], {
    LKPS_ENTRA_URL: service.stack.entra.url,
  });

/** Runs a command as a reader who pastes it. */
async function paste(command: string): Promise<void> {
  const env = {
    ...process.env,
    PATH: [folder, process.env["PATH"]].join(delimiter),
    AZ_DIRECTORY: directoryFile,
  };
  await promisify(execFile)("bash", ["-c", `set -euo pipefail\n${command}`], { env });
}

describe("the commands that lkps check prints", await needs("posix"), () => {
  test.each(
    (["app registration", "agent identity"] as const)
      .flatMap((kind) => agents.map((one) => [kind, ...one] as const))
      .map((one, n) => [...one, n] as const),
  )(
    "let the client in, and leave others as they were, for an %s %s",
    async (kind, _agent, scopes, entries, code, n) => {
      const appId = `a9e17000-0000-4000-8000-0000000002${String(n).padStart(2, "0")}`;
      const blueprint = appId.replace("a9e17000", "b1e00000");
      const given = {
        oauth2PermissionScopes: [OTHER_SCOPE, ...scopes],
        preAuthorizedApplications: [OTHER_ENTRY, ...entries],
      };
      const { value } = JSON.parse(await readFile(directoryFile, "utf8"));
      const added =
        kind === "app registration"
          ? [{ appId, api: given }]
          : [
              agentIdentity({ id: appId, appId, agentIdentityBlueprintId: blueprint }),
              { appId: blueprint, api: given },
            ];
      await writeFile(directoryFile, JSON.stringify({ value: [...value, ...added] }));
      const start = () =>
        service.call("POST", "/api/session/start", { caller: CLIENT, body: { agent_entra_app_id: appId } });
      await service.call("POST", "/api/agent/register", { caller: appId });
      expect((await start()).body).toMatchObject({ status: 403, code });

      const denied = await check(appId);
      expect([denied.code, JSON.parse(denied.stdout).code]).toEqual([1, code]);
      for (const { command } of JSON.parse(denied.stdout).repairs) await paste(command);

      const { stdout } = await check(appId);
      expect(JSON.parse(stdout)).toMatchObject({ allowed: true, repairs: [] });
      expect((await start()).status).toBe(200);
      const now = JSON.parse(await readFile(directoryFile, "utf8")).value.at(-1).api;
      expect(now.oauth2PermissionScopes).toContainEqual(OTHER_SCOPE);
      expect(now.preAuthorizedApplications).toContainEqual(OTHER_ENTRY);
    },
  );
});
