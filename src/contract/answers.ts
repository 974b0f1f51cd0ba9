import * as z from "zod";
import { MAX_NAMED_CLIENTS } from "../domain/authorization-view.ts";
import { MAX_REHEARSED_SESSIONS } from "../domain/rehearsal.ts";
import { agentId, basis, check, clientId, decisionId, id, open, time, verdict } from "./answer-parts.ts";
import { authzenConfiguration, evaluation, evaluations, resources, subjects } from "./authzen-answers.ts";
import { failureCodes, problemCodes } from "./codes.ts";

// What LKPS answers, strict, so that a test sees a member too many. In the document these stay open: a member that is
// added later breaks no client that was generated before.

const registration = z.strictObject({
  agent_entra_app_id: agentId,
  agent_name: id("What the agent's LiveKit worker registers under, so that sessions are dispatched to it."),
  server_url: z.url().describe("The LiveKit server."),
  service_config: z.strictObject({
    enforce_client_authz: z.boolean().describe("False if the agent has opted out of the three checks."),
  }),
  registered_at: time("When the agent registered first."),
  updated_at: time("When it registered last."),
});

const sessionId = id("The session's id: a UUID of version 7, which holds the millisecond of its start.");
const session = z.strictObject({
  session_id: sessionId.regex(/^.{14}7/),
  server_url: z.url().describe("The LiveKit server to connect to."),
  participant_token: z.jwt().describe("A LiveKit access token, for this room and this participant only."),
  room_name: z
    .string()
    .regex(/^lkps-[0-9a-f-]{36}-[0-9a-f-]{36}$/)
    .describe(
      "A fresh room, to which the agent is dispatched: `lkps-`, the agent's client id, `-`, the session's id.",
    ),
  participant_identity: z.string().regex(/^[0-9a-f-]{36}-[0-9a-f]{16}$/),
  agent_entra_app_id: agentId,
  expires_at: time("Until when the token may be used to join."),
});

const authorization = z.strictObject({
  agent_entra_app_id: agentId,
  registered: z.boolean(),
  enforce_client_authz: z.boolean().nullable().describe("Null before the agent registers."),
  application_found: z.boolean().describe("Whether Microsoft Entra ID knows the agent's app registration."),
  application_read_at: time("When it was read."),
  scope: z.strictObject({
    state: z.enum(["enabled", "disabled", "missing"]),
    delegated_permission_id: id("The id of the scope; null where there is none.").nullable(),
    near_misses: z.array(
      z.strictObject({
        value: z.string(),
        reason: open("How it differs.", ["letter_case", "whitespace", "look_alike", "app_role"]),
      }),
    ),
  }),
  clients: z
    .array(
      z.strictObject({
        client_app_id: clientId,
        may_start_sessions: z.boolean(),
        code: verdict,
        repair: z.string().nullable().describe("What to do so that it may; null where it may."),
      }),
    )
    .describe("Every pre-authorized application once, judged as if enforcement were on."),
  complete: z
    .boolean()
    .describe(
      `False if there are more clients: at most ${MAX_NAMED_CLIENTS} are listed, those that may not start sessions first.`,
    ),
  repairs: z.array(z.string()).describe("What to do, in sentences."),
});

const rehearsal = z.strictObject({
  days: z.int().min(1).max(30),
  complete: z
    .boolean()
    .describe(
      `False if there is more: at most the newest ${MAX_REHEARSED_SESSIONS} sessions count, and at most ${MAX_NAMED_CLIENTS} clients are listed, the refused ones first.`,
    ),
  clients: z.array(
    z.strictObject({
      client_app_id: clientId,
      sessions: z.int().min(1),
      last_started_at: time("When it started its last one."),
      may_start_sessions: z.boolean().describe("Whether it could with enforcement on."),
      code: verdict,
    }),
  ),
});

const listedSession = z.strictObject({
  // Those of earlier versions have other ids.
  session_id: id("The session's id."),
  client_app_id: clientId,
  basis,
  room_name: z.string(),
  participant_identity: z.string(),
  started_at: time("When it was started."),
  expires_at: time("Until when its token could be used to join."),
  decision_id: decisionId,
});
const sessions = z.strictObject({
  sessions: z.array(listedSession),
  cursor: z.string().optional().describe("For the next page; not there on the last one."),
});

const health = z.strictObject({ status: z.literal("ok"), version: z.string() });
const dependency = z.strictObject({
  ok: z.boolean(),
  code: open("Why not; only where `ok` is false.", failureCodes).optional(),
});
const readiness = z.strictObject({
  status: z.enum(["ready", "not_ready"]),
  dependencies: z.strictObject({ tables: dependency, graph: dependency }),
  code: open("Set where LKPS itself failed to load.", ["internal_error"]).optional(),
});

const openApi = z.looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) });

const problem = z.strictObject({
  type: z
    .string()
    .meta({ format: "uri-reference" })
    .describe(
      "Where the code is explained: an address, or a relative reference to be resolved against the address that was called.",
    ),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("What to do, for people. Programs go by `code`."),
  instance: z.string().describe("By this operators find the request in the log."),
  code: open("What went wrong, for programs.", problemCodes),
  check: check.optional(),
  decision_id: decisionId.optional(),
});

/** The schema of every answer's body, by its name in the document. */
export const answers = {
  Registration: registration,
  Session: session,
  Decision: evaluation,
  Evaluations: evaluations,
  FoundSubjects: subjects,
  FoundResources: resources,
  Authorization: authorization,
  Rehearsal: rehearsal,
  Sessions: sessions,
  ListedSession: listedSession,
  Health: health,
  Readiness: readiness,
  AuthzenConfiguration: authzenConfiguration,
  OpenApiDocument: openApi,
  Problem: problem,
};

/** The name of an answer's schema in the document. */
export type AnswerName = keyof typeof answers;

type ReadonlyDeep<T> = T extends object ? { readonly [Name in keyof T]: ReadonlyDeep<T[Name]> } : T;

/** What the body of each answer is, as those who answer write it and those who call read it. */
export type AnswerBodies = {
  readonly [Name in AnswerName]: ReadonlyDeep<z.output<(typeof answers)[Name]>>;
};
