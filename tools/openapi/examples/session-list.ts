import { EXAMPLE } from "../example-ids.ts";
import { type OperationExamples, ok } from "../operation-examples.ts";

const session = {
  session_id: EXAMPLE.session,
  client_app_id: EXAMPLE.client,
  basis: "pre_authorized",
  room_name: EXAMPLE.room,
  participant_identity: `${EXAMPLE.client}-${EXAMPLE.suffix}`,
  started_at: EXAMPLE.startedAt,
  expires_at: EXAMPLE.expiresAt,
  decision_id: EXAMPLE.decision,
  state: "issued",
  joined_at: null,
  agent_joined_at: null,
  agent_recalls: 0,
  ended_at: null,
  end_reason: null,
};

/** Examples of an agent's sessions. */
export const sessionListOperations: readonly OperationExamples[] = [
  {
    operationId: "readUsage",
    details: { invalid_request: "days must be a whole number from 1 to 30." },
    responses: ok("Each client once, the busiest first.", {
      usage: {
        summary: "One client, which started one session and has not joined it",
        value: {
          days: 7,
          clients: [
            {
              client_app_id: EXAMPLE.client,
              sessions: 1,
              joined: 0,
              minutes: 0,
              last_started_at: EXAMPLE.startedAt,
            },
          ],
          complete: true,
        },
      },
    }),
  },
  {
    operationId: "listSessions",
    details: { invalid_request: "limit must be a whole number from 1 to 100." },
    responses: ok("A page of sessions.", {
      page: {
        summary: "A page, with more to follow",
        value: {
          sessions: [session],
          cursor: Buffer.from(`${Date.parse(EXAMPLE.startedAt)} ${EXAMPLE.session}`).toString("base64url"),
        },
      },
      last_page: { summary: "The last page", value: { sessions: [] } },
    }),
  },
  {
    operationId: "readSession",
    responses: ok("The session.", { session: { summary: "A session", value: session } }),
  },
  {
    operationId: "endSession",
    responses: [{ status: 204, description: "Ended, or it was over.", examples: {} }],
  },
];
