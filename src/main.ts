import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { app } from "@azure/functions";
import { version } from "../package.json";
import { graphAllowances } from "./adapters/graph/read-allowances.ts";
import { portOf } from "./adapters/lib/lazy.ts";
import { onceASecond } from "./adapters/lib/once-a-second.ts";
import { createShippedFiles } from "./adapters/lib/shipped-files.ts";
import { createErrorLocator } from "./adapters/lib/source-location.ts";
import { type Adapters, adaptersOf } from "./adapters-of.ts";
import { type Config, readConfig } from "./config.ts";
import type { ClientId } from "./domain/client-id.ts";
import { unlimited } from "./domain/graph-allowance.ts";
import type { Chance } from "./domain/ports.ts";
import { accessEvaluation } from "./functions/access-evaluation.ts";
import { accessEvaluations } from "./functions/access-evaluations.ts";
import { authzenConfiguration } from "./functions/authzen-configuration.ts";
import { docs } from "./functions/docs.ts";
import { docsFile } from "./functions/docs-file.ts";
import { health } from "./functions/health.ts";
import { listSessions } from "./functions/list-sessions.ts";
import { openapi } from "./functions/openapi.ts";
import { readAuthorization } from "./functions/read-authorization.ts";
import { readRegistration } from "./functions/read-registration.ts";
import { readSession } from "./functions/read-session.ts";
import { readiness } from "./functions/readiness.ts";
import { registerAgent } from "./functions/register-agent.ts";
import { rehearseAuthorization } from "./functions/rehearse-authorization.ts";
import { removeOldSessions, type TimerTrigger } from "./functions/remove-old-sessions.ts";
import { removeRegistration } from "./functions/remove-registration.ts";
import { searchResource } from "./functions/search-resource.ts";
import { searchSubject } from "./functions/search-subject.ts";
import { startSession } from "./functions/start-session.ts";
import {
  callerFromAccessToken,
  callerFromBoth,
  callerFromGatewayHeader,
  type IdentifyCaller,
} from "./http/caller.ts";
import type { HttpTrigger } from "./http/endpoint.ts";
import { failureLine } from "./http/failure-line.ts";
import { serve } from "./http/handler.ts";

// Nobody's: asking for it shows whether Storage and Graph answer, and grants nothing.
const NOBODY = "00000000-0000-0000-0000-000000000000" as ClientId;

const chance: Chance = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  uuid: randomUUID,
  suffix: () => randomBytes(8).toString("hex"),
};

const locateError = createErrorLocator();

function identifyCallerBy(config: Config, { accessTokens }: Adapters): IdentifyCaller {
  if (config.CALLER_IDENTITY === "gateway-header") return callerFromGatewayHeader;
  const fromToken = callerFromAccessToken(async (token) => (await accessTokens()).verify(token));
  return config.CALLER_IDENTITY === "access-token" ? fromToken : callerFromBoth(fromToken);
}

/** The address that callers use, or else the app's own as the platform knows it. */
function baseUrlOf({ PUBLIC_BASE_URL }: Config): string | undefined {
  const hostname = process.env["WEBSITE_HOSTNAME"];
  if (PUBLIC_BASE_URL !== undefined || !hostname) return PUBLIC_BASE_URL;
  return /^(localhost|127\.0\.0\.1)(:|$)/.test(hostname) ? `http://${hostname}` : `https://${hostname}`;
}

/** Wires everything by `config`: the app's functions. */
function triggersOf(config: Config, adapters: Adapters): { http: HttpTrigger[]; timers: TimerTrigger[] } {
  const { stores, directories } = adapters;
  const registrations = portOf(stores, (adapter) => adapter.registrations);
  const sessions = portOf(stores, (adapter) => adapter.sessions);
  const applications = portOf(directories, (adapter) => adapter.applications);
  const ports = {
    registrations,
    sessions,
    applications,
    owners: portOf(directories, (adapter) => adapter.owners),
    tokens: portOf(adapters.participantTokens, (adapter) => adapter),
    tokenTtlSeconds: config.SESSION_TOKEN_TTL_SECONDS,
    chance,
    graphTimeoutMs: config.GRAPH_TIMEOUT_MS,
    serverUrl: config.LIVEKIT_URL,
  };
  // The route is open to anyone.
  const askOnce = onceASecond<string, unknown>(chance);
  const askGraph = async () => {
    const { source } = await directories();
    const limits = { deadline: chance.elapsed() + config.GRAPH_TIMEOUT_MS, allowance: unlimited };
    return await source.read(NOBODY, limits, { attempts: 0 });
  };
  // Beside the bundle, and read at the first request for it: the page costs no start of the app anything.
  const readShippedFile = createShippedFiles(join(import.meta.dirname, "docs"));
  const baseUrl = baseUrlOf(config);
  return {
    http: [
      registerAgent(ports),
      readRegistration(ports),
      removeRegistration(ports),
      startSession(ports),
      accessEvaluation(ports),
      accessEvaluations(ports),
      searchSubject(ports),
      searchResource(ports),
      readAuthorization(ports),
      rehearseAuthorization(ports),
      listSessions(ports),
      readSession(ports),
      // Its addresses must be whole ones: without a base there is nothing to say, and the host answers 404.
      ...(baseUrl === undefined ? [] : [authzenConfiguration(baseUrl)]),
      health(version),
      readiness({
        tables: () => askOnce("tables", () => registrations.find(NOBODY)),
        graph: () => askOnce("graph", askGraph),
        parts: adapters.load,
        chance,
      }),
      openapi(readShippedFile),
      docs(readShippedFile),
      docsFile(readShippedFile),
    ],
    timers: [
      removeOldSessions({
        sessions,
        registrations,
        chance,
        retentionDays: config.SESSION_RETENTION_DAYS,
        locateError,
      }),
    ],
  };
}

function register(config: Config): void {
  const adapters = adaptersOf(config, chance);
  const { http, timers } = triggersOf(config, adapters);
  const ports = {
    identifyCaller: identifyCallerBy(config, adapters),
    allowanceOf: graphAllowances(config.GRAPH_READS_PER_CALLER, chance),
    chance,
    locateError,
    publicBaseUrl: config.PUBLIC_BASE_URL,
  };
  const gatewayOnly = config.CALLER_IDENTITY === "access-token" ? "anonymous" : "function";
  for (const trigger of http) {
    app.http(trigger.name, {
      methods: trigger.methods.flatMap((method) => (method === "GET" ? [method, "HEAD"] : method)),
      route: trigger.route,
      authLevel: trigger.caller === "none" ? "anonymous" : gatewayOnly,
      handler: serve(trigger, ports),
    });
  }
  for (const { name, schedule, handler } of timers) app.timer(name, { schedule, handler });
  // After the host has heard that the app is loaded, and before the request comes for which it was.
  setImmediate(() => void adapters.ahead().catch(() => {}));
}

// Left alone, a rejection that nobody awaits kills the worker and every request in flight with it.
process.on("unhandledRejection", (reason) =>
  console.error(failureLine(null, "internal_error", reason, locateError)),
);

try {
  register(readConfig(process.env));
} catch (error) {
  // The message is what an operator needs: the worker would log the stack, and a line of a bundle is all of it.
  const message = error instanceof Error ? error.message : String(error);
  console.error(message);
  throw Object.assign(new Error(message), { stack: message });
}
