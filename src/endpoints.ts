import { accessEvaluation } from "./functions/access-evaluation.ts";
import { accessEvaluations } from "./functions/access-evaluations.ts";
import { authzenConfiguration } from "./functions/authzen-configuration.ts";
import { consoleConfiguration } from "./functions/console-configuration.ts";
import { endSession } from "./functions/end-session.ts";
import { health } from "./functions/health.ts";
import { listSessions } from "./functions/list-sessions.ts";
import { livekitWebhook } from "./functions/livekit-webhook.ts";
import { openapi } from "./functions/openapi.ts";
import { consolePages, docs } from "./functions/pages.ts";
import type { ConsolePorts, Ports } from "./functions/ports.ts";
import { readAuthorization } from "./functions/read-authorization.ts";
import { readRegistration } from "./functions/read-registration.ts";
import { readSession } from "./functions/read-session.ts";
import { readUsage } from "./functions/read-usage.ts";
import { readiness } from "./functions/readiness.ts";
import { registerAgent } from "./functions/register-agent.ts";
import { rehearseAuthorization } from "./functions/rehearse-authorization.ts";
import { removeRegistration } from "./functions/remove-registration.ts";
import { searchAction } from "./functions/search-action.ts";
import { searchResource } from "./functions/search-resource.ts";
import { searchSubject } from "./functions/search-subject.ts";
import { startSession } from "./functions/start-session.ts";
import { type Endpoint, forOwners } from "./http/endpoint.ts";

/** In every mode. */
export const serviceEndpoints: readonly Endpoint<Ports>[] = [
  startSession,
  registerAgent,
  readRegistration,
  removeRegistration,
  readAuthorization,
  rehearseAuthorization,
  readUsage,
  listSessions,
  readSession,
  endSession,
  accessEvaluation,
  accessEvaluations,
  searchSubject,
  searchResource,
  searchAction,
  authzenConfiguration,
  health,
  readiness,
  openapi,
  ...docs,
  livekitWebhook,
];

/** Only if the console is on. */
export const consoleEndpoints: readonly Endpoint<ConsolePorts>[] = [
  forOwners(readRegistration, "Get an agent's registration"),
  forOwners(readAuthorization, "See who may start sessions with an agent, and what to fix"),
  forOwners(rehearseAuthorization, "See who would be denied if enforcement were on"),
  forOwners(readUsage, "See how much each client used an agent"),
  forOwners(listSessions, "List an agent's sessions"),
  forOwners(readSession, "Get one of an agent's sessions"),
  forOwners(endSession, "End one of an agent's sessions"),
  consoleConfiguration,
  ...consolePages,
];

/** All endpoints, in the order of the OpenAPI document, which is generated from them. */
export const endpoints = [...serviceEndpoints, ...consoleEndpoints];
