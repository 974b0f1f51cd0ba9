/**
 * `npm run start:func`: runs the app under Azure Functions Core Tools with the same stand-ins as `npm start`,
 * on the ports in local.settings.sample.json. Core Tools require no function key.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildApp } from "../tools/build.ts";
import { repositoryRoot } from "../tools/repository-paths.ts";
import { startAzurite } from "./azurite.ts";
import { readDirectory } from "./entra/directory.ts";
import { startEntraStandIn } from "./entra/start-entra-stand-in.ts";
import { startGateway } from "./gateway.ts";
import {
  audiences,
  defaultPorts,
  managedIdentityClientId,
  tenantId,
  webClientOrigin,
} from "./local-defaults.ts";
import { baseEnvironment } from "./stack/base-environment.ts";
import { startChild } from "./stack/child-process.ts";
import { seededDirectoryFile } from "./stack.ts";
import { instructions } from "./start/instructions.ts";
import { lockData } from "./start/lock-data.ts";
import { callerName, requestLine } from "./start/request-line.ts";
import { requireFreePorts } from "./start/require-free-ports.ts";
import { step } from "./start/step.ts";
import { onStopSignal } from "./start/stop-signals.ts";
import { readLocalSettings } from "./start-func/local-settings.ts";
import { CORE_TOOLS, requireFunc } from "./start-func/require-func.ts";

const AZURITE_BLOB_PORT = 10_000;
const data = join(repositoryRoot, ".local");
const started = new AsyncDisposableStack();
onStopSignal(() => started.disposeAsync());
try {
  await start();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

async function start(): Promise<void> {
  requireFunc();
  const { livekit: _, ...needed } = defaultPorts;
  const ports = { ...needed, blobs: AZURITE_BLOB_PORT };
  started.use(await lockData(data));
  await requireFreePorts(
    Object.entries(ports).map(([name, port]) => ({ name, port })),
    () => "Stop it: Core Tools read the ports from local.settings.json.",
  );
  const settings = await readLocalSettings();
  await step("Build", buildApp);
  const location = join(data, "azurite");
  const azurite = await step("Azurite (tables)", () => startAzurite({ location, port: ports.tables }));
  started.defer(azurite.close);
  // AzureWebJobsStorage: the host keeps a timer trigger's lease in a blob.
  const blobs = await step("Azurite (blobs)", () =>
    startAzurite({ location, port: ports.blobs, service: "blob" }),
  );
  started.defer(blobs.close);
  const entra = await step("Entra stand-in", () =>
    startEntraStandIn({
      directoryFile: seededDirectoryFile,
      port: ports.entra,
      tenantId,
      managedIdentity: { clientId: managedIdentityClientId, roles: ["Application.Read.All"] },
      identityHeader: settings["IDENTITY_HEADER"] ?? "",
      keyFile: join(data, "entra", "signing-key.json"),
      onProblem: (message) => console.error(`The directory file can't be read: ${message}`),
    }),
  );
  started.defer(entra.close);
  const func = startChild(join(import.meta.dirname, "run-command.ts"), {
    args: [CORE_TOOLS, "start", "--port", String(ports.app)],
    env: { ...baseEnvironment(), FUNCTIONS_CORE_TOOLS_TELEMETRY_OPTOUT: "1" },
    cwd: repositoryRoot,
    onLine: (line) => console.log(line),
  });
  let stopping = false;
  started.defer(() => {
    stopping = true;
    return func.stop();
  });
  void func.exited.then(({ code }) => {
    if (stopping) return;
    console.error(`\nfunc exited unexpectedly with code ${code}.`);
    void started.disposeAsync().finally(() => process.exit(1));
  });
  const appUrl = `http://127.0.0.1:${ports.app}`;
  const gateway = await startGateway({
    port: ports.gateway,
    appUrl,
    publicBaseUrl: settings["PUBLIC_BASE_URL"],
    functionKey: "core-tools-require-none",
    entraUrl: entra.url,
    jwksUri: `${entra.url}/${tenantId}/discovery/v2.0/keys`,
    tenantId,
    issuers: entra.issuers,
    audiences,
    corsOrigins: [webClientOrigin],
    async onRequest(request) {
      const applications = await readDirectory(seededDirectoryFile).catch(() => []);
      console.log(requestLine(request, callerName(request.caller, applications)));
    },
  });
  started.defer(gateway.close);
  while (!(await serves(`${appUrl}/api/health`))) await sleep(500);
  const { LIVEKIT_URL = "", GRAPH_CACHE_SECONDS = "60" } = settings;
  const cacheSeconds = Number(GRAPH_CACHE_SECONDS);
  const livekit = { settings: { LIVEKIT_URL }, note: "from local.settings.json", canJoin: true };
  console.log(
    instructions({ gatewayUrl: gateway.url, appUrl, entra, azurite, livekit, ports, cacheSeconds }),
  );
}

async function serves(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
