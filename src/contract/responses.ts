import * as z from "zod";
import {
  actions,
  authzenConfiguration,
  evaluation,
  evaluations,
  resources,
  subjects,
} from "./authzen-responses.ts";
import { authorization, listedSession, rehearsal, sessions, usage } from "./owner-responses.ts";
import { failureCodes, problemCodes } from "./problem-types.ts";
import { agentId, check, decisionId, id, open, time } from "./response-parts.ts";

// Response schemas. Strict, so that tests detect undeclared members. The OpenAPI document leaves them open,
// so that a new member does not break generated clients.

const registration = z.strictObject({
  agent_entra_app_id: agentId,
  agent_name: id(
    "The name that the agent's LiveKit worker registers with, so that LiveKit dispatches sessions to it.",
  ),
  server_url: z.url().describe("The LiveKit server."),
  service_config: z
    .strictObject({
      enforce_client_authz: z.boolean().describe("False if the agent opted out of the three checks."),
      limits: z
        .strictObject({
          max_session_minutes: z.int().optional(),
          max_live_sessions: z.int().optional(),
          max_live_sessions_per_client: z.int().optional(),
        })
        .meta({
          id: "SessionLimits",
          description: "The owner's limits; one that is not set does not apply.",
        }),
      deployments: z.array(z.string()).describe("The LiveKit deployments that clients may ask for."),
    })
    .meta({ id: "ServiceConfig" }),
  registered_at: time("When the agent first registered."),
  updated_at: time("When the agent last registered."),
});

const sessionId = id("The session's id: a UUID of version 7, which contains the start time in milliseconds.");
const session = z.strictObject({
  session_id: sessionId.refine((value) => value[14] === "7"),
  server_url: z.url().describe("The LiveKit server to connect to."),
  participant_token: z.jwt().describe("A LiveKit access token for this room and participant only."),
  room_name: z
    .string()
    .regex(/^lkps-[0-9a-f-]{36}-[0-9a-f-]{36}$/)
    .describe(
      "A new room that LiveKit dispatches the agent to: `lkps-`, the agent's client id, `-`, the session's id.",
    ),
  participant_identity: z.string().regex(/^[0-9a-f-]{36}-[0-9a-f]{16}$/),
  agent_entra_app_id: agentId,
  expires_at: time("When the token expires."),
});

const health = z.strictObject({ status: z.literal("ok"), version: z.string() });
const dependency = z
  .strictObject({
    ok: z.boolean(),
    code: open("Why the check failed. Set only if `ok` is false.", failureCodes).optional(),
  })
  .meta({ id: "Dependency" });
const readiness = z.strictObject({
  status: z.enum(["ready", "not_ready"]),
  dependencies: z.strictObject({ tables: dependency, graph: dependency }).meta({ id: "Dependencies" }),
  code: open("Set if LKPS itself failed to load.", ["internal_error"]).optional(),
});

const openApi = z.looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) });

const consoleConfiguration = z.strictObject({
  authority: z
    .url()
    .describe("The authority that issues tokens: the tenant's address at Microsoft Entra ID."),
  client_id: id("The client id of the console's application."),
  scope: z.string().describe("The delegated permission scope to request for LKPS."),
  graph_base_url: z.url().describe("Where Microsoft Graph responds."),
});

const problem = z.strictObject({
  type: z
    .string()
    .meta({ format: "uri-reference" })
    .describe("A page that explains the code: a URL, or a reference relative to the request's URL."),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("Says what to do, for people to read. Programs should use `code`."),
  instance: z.string().describe("Identifies the request in the operators' log."),
  code: open("What went wrong, for programs.", problemCodes),
  check: check.optional(),
  decision_id: decisionId.optional(),
});

/** The schema of every response body, by its name in the OpenAPI document. */
export const responses = {
  Registration: registration,
  Session: session,
  Decision: evaluation,
  EvaluationsResponse: evaluations,
  FoundSubjects: subjects,
  FoundResources: resources,
  FoundActions: actions,
  Authorization: authorization,
  Rehearsal: rehearsal,
  Usage: usage,
  SessionList: sessions,
  ListedSession: listedSession,
  Health: health,
  Readiness: readiness,
  AuthzenConfiguration: authzenConfiguration,
  ConsoleConfiguration: consoleConfiguration,
  OpenApiDocument: openApi,
  Problem: problem,
};

/** The name of a response schema in the OpenAPI document. */
export type ResponseName = keyof typeof responses;

type ReadonlyDeep<T> = T extends object ? { readonly [Name in keyof T]: ReadonlyDeep<T[Name]> } : T;

/** The type of each response body. */
export type ResponseBodies = {
  readonly [Name in ResponseName]: ReadonlyDeep<z.output<(typeof responses)[Name]>>;
};
