import { EXAMPLE } from "../../../src/contract/example-ids.ts";
import type { Operation } from "../operation.ts";
import { callerProblems, problem, problemAnswers } from "../problems.ts";

const session = {
  session_id: EXAMPLE.session,
  client_app_id: EXAMPLE.client,
  basis: "pre_authorized",
  room_name: EXAMPLE.room,
  participant_identity: `${EXAMPLE.client}-${EXAMPLE.suffix}`,
  started_at: EXAMPLE.startedAt,
  expires_at: EXAMPLE.expiresAt,
  decision_id: EXAMPLE.decision,
};

/** What an agent sees of its sessions. */
export const sessionListOperations: readonly Operation[] = [
  {
    operationId: "listSessions",
    method: "get",
    path: "/api/agent/sessions",
    tag: "Owners",
    summary: "List the calling agent's sessions",
    description: "The caller is the agent. The newest come first.",
    callers: true,
    query: [
      {
        name: "limit",
        description: "How many, at most.",
        schema: { type: "integer", minimum: 1, maximum: 100, default: 20 },
      },
      {
        name: "cursor",
        description: "The `cursor` of the page before.",
        schema: { type: "string" },
      },
    ],
    answers: [
      {
        status: 200,
        description: "A page of sessions.",
        schema: "Sessions",
        examples: {
          page: {
            summary: "A page that others follow",
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
      ...problemAnswers([
        problem("invalid_request", "limit must be a whole number from 1 to 100."),
        ...callerProblems({ withGraph: false, ofAgent: true }),
      ]),
    ],
  },
  {
    operationId: "readSession",
    method: "get",
    path: "/api/agent/sessions/{session_id}",
    tag: "Owners",
    summary: "Read one of the calling agent's sessions",
    description: "The caller is the agent.",
    callers: true,
    pathParameters: [
      {
        name: "session_id",
        description: "The `session_id` of a session, in any letter case.",
        schema: { type: "string", format: "uuid" },
      },
    ],
    answers: [
      {
        status: 200,
        description: "The session.",
        schema: "ListedSession",
        examples: { session: { summary: "A session", value: session } },
      },
      ...problemAnswers([
        problem(
          "session_not_found",
          "You have no session with this id. GET /api/agent/sessions lists those that are kept.",
        ),
        ...callerProblems({ withGraph: false, ofAgent: true }),
      ]),
    ],
  },
];
