import { EXAMPLE } from "../../../src/contract/example-ids.ts";
import type { OperationExamples } from "../operation-examples.ts";

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
    responses: [
      {
        status: 200,
        description: "Each client once, the busiest first.",
        examples: {
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
        },
      },
    ],
  },
  {
    operationId: "listSessions",
    details: { invalid_request: "limit must be a whole number from 1 to 100." },
    responses: [
      {
        status: 200,
        description: "A page of sessions.",
        examples: {
          page: {
            summary: "A page, with more to follow",
            value: {
              sessions: [session],
              cursor: Buffer.from(`${Date.parse(EXAMPLE.startedAt)} ${EXAMPLE.session}`).toString(
                "base64url",
              ),
            },
          },
          last_page: { summary: "The last page", value: { sessions: [] } },
        },
      },
    ],
  },
  {
    operationId: "readSession",
    responses: [
      {
        status: 200,
        description: "The session.",
        examples: { session: { summary: "A session", value: session } },
      },
    ],
  },
  {
    operationId: "endSession",
    responses: [{ status: 204, description: "Ended, or it was over.", examples: {} }],
  },
];
