import { accessEvaluation } from "./functions/access-evaluation.ts";
import { accessEvaluations } from "./functions/access-evaluations.ts";
import { authzenConfiguration } from "./functions/authzen-configuration.ts";
import { docs } from "./functions/docs.ts";
import { docsFile } from "./functions/docs-file.ts";
import { endSession } from "./functions/end-session.ts";
import { health } from "./functions/health.ts";
import { listSessions } from "./functions/list-sessions.ts";
import { livekitWebhook } from "./functions/livekit-webhook.ts";
import { openapi } from "./functions/openapi.ts";
import { readAuthorization } from "./functions/read-authorization.ts";
import { readRegistration } from "./functions/read-registration.ts";
import { readSession } from "./functions/read-session.ts";
import { readiness } from "./functions/readiness.ts";
import { registerAgent } from "./functions/register-agent.ts";
import { rehearseAuthorization } from "./functions/rehearse-authorization.ts";
import { removeRegistration } from "./functions/remove-registration.ts";
import { searchAction } from "./functions/search-action.ts";
import { searchResource } from "./functions/search-resource.ts";
import { searchSubject } from "./functions/search-subject.ts";
import { startSession } from "./functions/start-session.ts";
import type { Endpoint } from "./http/endpoint.ts";

const all = [
  startSession,
  registerAgent,
  readRegistration,
  removeRegistration,
  readAuthorization,
  rehearseAuthorization,
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
  docs,
  docsFile,
  livekitWebhook,
];

type PortsOf<E> = E extends Endpoint<infer Ports> ? (ports: Ports) => void : never;
/** The ports that all endpoints need together. */
type AllPorts = PortsOf<(typeof all)[number]> extends (ports: infer Ports) => void ? Ports : never;

/**
 * All endpoints, in the order of the OpenAPI document. The app serves them, and the document is generated
 * from them.
 */
export const endpoints: readonly Endpoint<AllPorts>[] = all;
