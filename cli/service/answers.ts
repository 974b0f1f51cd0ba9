import * as z from "zod";
import { CouldNotTell } from "../outcome.ts";

// What LKPS answers, as far as it is shown. An answer of another form is not LKPS's, or of another version.

const client = z.object({
  client_app_id: z.string(),
  may_start_sessions: z.boolean(),
  code: z.string(),
});

const authorizationSchema = z.object({
  agent_entra_app_id: z.string(),
  registered: z.boolean(),
  enforce_client_authz: z.boolean().nullable(),
  application_found: z.boolean(),
  scope: z.object({
    state: z.enum(["enabled", "disabled", "missing"]),
    delegated_permission_id: z.string().nullable(),
    near_misses: z.array(
      z.object({
        value: z.string(),
        reason: z.enum(["letter_case", "whitespace", "look_alike", "app_role"]),
      }),
    ),
  }),
  clients: z.array(client),
  complete: z.boolean(),
  repairs: z.array(z.string()),
});

const sessionsSchema = z.object({
  sessions: z.array(
    z.object({
      session_id: z.string(),
      client_app_id: z.string(),
      basis: z.string(),
      room_name: z.string(),
      participant_identity: z.string(),
      started_at: z.iso.datetime(),
      expires_at: z.iso.datetime(),
      decision_id: z.string(),
    }),
  ),
  cursor: z.string().optional(),
});

const rehearsalSchema = z.object({
  days: z.number(),
  complete: z.boolean(),
  clients: z.array(client.extend({ sessions: z.number(), last_started_at: z.iso.datetime() })),
});

/** `GET /api/agent/authorization`. */
export type AuthorizationAnswer = z.output<typeof authorizationSchema>;
/** `GET /api/agent/sessions`. */
export type SessionsAnswer = z.output<typeof sessionsSchema>;
/** `GET /api/agent/authorization/rehearsal`. */
export type RehearsalAnswer = z.output<typeof rehearsalSchema>;

export const authorizationAnswer = readerOf(authorizationSchema);
export const sessionsAnswer = readerOf(sessionsSchema);
export const rehearsalAnswer = readerOf(rehearsalSchema);

function readerOf<T>(schema: z.ZodType<T>): (body: unknown) => T {
  return (body) => {
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues[0]?.path.join(".") ?? "";
    throw new CouldNotTell(
      "not_lkps",
      `The answer is not as LKPS of this version gives it (${where || "its form"}).`,
    );
  };
}
