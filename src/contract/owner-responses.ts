import * as z from "zod";
import { MAX_NAMED_CLIENTS } from "../domain/authorization-view.ts";
import { MAX_COUNTED_SESSIONS } from "../domain/session.ts";
import { agentId, basis, clientId, decisionId, id, open, time, verdict } from "./response-parts.ts";

/** The owner's view: who may start sessions, and what to fix. */
export const authorization = z.strictObject({
  agent_entra_app_id: agentId,
  registered: z.boolean(),
  enforce_client_authz: z.boolean().nullable().describe("Null before the agent registers."),
  application_found: z
    .boolean()
    .describe(
      "Whether LKPS found the application that lists the agent's clients: its own, or its blueprint's.",
    ),
  application_read_at: time("When LKPS read it."),
  identity: z
    .strictObject({
      kind: open("What the agent is in Microsoft Entra ID; null if it is not there.", [
        "application",
        "agent_identity",
      ]).nullable(),
      blueprint_app_id: id(
        "The client id of the agent identity's blueprint, whose list of clients counts for all its agents. Null for an application.",
      ).nullable(),
    })
    .meta({ id: "AgentEntraIdentity" }),
  scope: z
    .strictObject({
      state: z.enum(["enabled", "disabled", "missing"]),
      delegated_permission_id: id("The id of the scope; null if there is none.").nullable(),
      near_misses: z.array(
        z
          .strictObject({
            value: z.string(),
            reason: open("How the value differs.", ["letter_case", "whitespace", "look_alike", "app_role"]),
          })
          .meta({ id: "NearMiss" }),
      ),
    })
    .meta({ id: "Scope" }),
  clients: z
    .array(
      z
        .strictObject({
          client_app_id: clientId,
          may_start_sessions: z.boolean(),
          code: verdict,
          repair: z.string().nullable().describe("How to let the client start sessions; null if it may."),
        })
        .meta({ id: "AuthorizationClient" }),
    )
    .describe("Every pre-authorized application once, evaluated as if enforcement were on."),
  complete: z
    .boolean()
    .describe(
      `False if clients are left out: LKPS lists ${MAX_NAMED_CLIENTS} clients, those that may not start sessions first.`,
    ),
  repairs: z.array(z.string()).describe("What to fix, in sentences."),
});

/** The clients that would be denied if enforcement were on. */
export const rehearsal = z.strictObject({
  days: z.int().min(1).max(30),
  complete: z
    .boolean()
    .describe(
      `False if a limit was reached: LKPS counts the newest ${MAX_COUNTED_SESSIONS} sessions and lists ${MAX_NAMED_CLIENTS} clients, denied ones first.`,
    ),
  clients: z.array(
    z
      .strictObject({
        client_app_id: clientId,
        sessions: z.int().min(1),
        last_started_at: time("When the client last started a session."),
        may_start_sessions: z
          .boolean()
          .describe("Whether the client may start sessions with enforcement on."),
        code: verdict,
      })
      .meta({ id: "RehearsalClient" }),
  ),
});

/** How much each client used an agent. */
export const usage = z.strictObject({
  days: z.int().min(1).max(30),
  clients: z.array(
    z
      .strictObject({
        client_app_id: clientId,
        sessions: z.int().min(1).describe("How many sessions it started."),
        joined: z.int().min(0).describe("How many of them its participant joined."),
        minutes: z
          .number()
          .min(0)
          .describe("From joining to the end, or until now, of all of them together, in tenths of a minute."),
        last_started_at: time("When the client last started a session."),
      })
      .meta({ id: "ClientUsage" }),
  ),
  complete: z
    .boolean()
    .describe(
      `False if a limit was reached: LKPS counts the newest ${MAX_COUNTED_SESSIONS} sessions and lists ${MAX_NAMED_CLIENTS} clients, the busiest first.`,
    ),
});

/** A session in the owner's list. */
export const listedSession = z.strictObject({
  // Not necessarily a UUID of version 7: sessions from earlier versions of LKPS have other ids.
  session_id: id("The session's id."),
  client_app_id: clientId,
  basis,
  room_name: z.string(),
  participant_identity: z.string(),
  started_at: time("When the session started."),
  expires_at: time("When its token expires."),
  decision_id: decisionId,
  state: open(
    "What has become of it: nobody came yet, the room is open but not both are in it, both are in it, the room is closed, or nobody came in time.",
    ["issued", "waiting", "active", "ended", "unused"],
  ),
  joined_at: time("When its participant first joined.").nullable(),
  agent_joined_at: time("When its agent first joined.").nullable(),
  agent_recalls: z.int().min(0).describe("How often LKPS called the agent again."),
  ended_at: time("When it ended.").nullable(),
  end_reason: open("Why it ended; null if it has not.", [
    "left",
    "authorization_withdrawn",
    "ended_by_owner",
    "duration_limit",
  ]).nullable(),
});
/** A page of sessions. */
export const sessions = z.strictObject({
  sessions: z.array(listedSession),
  cursor: z.string().optional().describe("The cursor of the next page. Not set on the last page."),
});
