import * as z from "zod";
import { MAX_NAMED_CLIENTS } from "../domain/authorization-view.ts";
import { MAX_REHEARSED_SESSIONS } from "../domain/rehearsal.ts";
import { agentId, basis, clientId, decisionId, id, open, time, verdict } from "./answer-parts.ts";

/** What the owner of an agent sees: who may start sessions, and what to fix. */
export const authorization = z.strictObject({
  agent_entra_app_id: agentId,
  registered: z.boolean(),
  enforce_client_authz: z.boolean().nullable().describe("Null before the agent registers."),
  application_found: z.boolean().describe("Whether Microsoft Entra ID knows the agent's app registration."),
  application_read_at: time("When it was read."),
  scope: z
    .strictObject({
      state: z.enum(["enabled", "disabled", "missing"]),
      delegated_permission_id: id("The id of the scope; null where there is none.").nullable(),
      near_misses: z.array(
        z
          .strictObject({
            value: z.string(),
            reason: open("How it differs.", ["letter_case", "whitespace", "look_alike", "app_role"]),
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
          repair: z.string().nullable().describe("What to do so that it may; null where it may."),
        })
        .meta({ id: "AuthorizationClient" }),
    )
    .describe("Every pre-authorized application once, judged as if enforcement were on."),
  complete: z
    .boolean()
    .describe(
      `False if there are more clients: at most ${MAX_NAMED_CLIENTS} are listed, those that may not start sessions first.`,
    ),
  repairs: z.array(z.string()).describe("What to do, in sentences."),
});

/** Who would be refused if enforcement were on. */
export const rehearsal = z.strictObject({
  days: z.int().min(1).max(30),
  complete: z
    .boolean()
    .describe(
      `False if there is more: at most the newest ${MAX_REHEARSED_SESSIONS} sessions count, and at most ${MAX_NAMED_CLIENTS} clients are listed, the refused ones first.`,
    ),
  clients: z.array(
    z
      .strictObject({
        client_app_id: clientId,
        sessions: z.int().min(1),
        last_started_at: time("When it started its last one."),
        may_start_sessions: z.boolean().describe("Whether it could with enforcement on."),
        code: verdict,
      })
      .meta({ id: "RehearsalClient" }),
  ),
});

/** A session that was started. */
export const listedSession = z.strictObject({
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
/** A page of sessions. */
export const sessions = z.strictObject({
  sessions: z.array(listedSession),
  cursor: z.string().optional().describe("For the next page; not there on the last one."),
});
