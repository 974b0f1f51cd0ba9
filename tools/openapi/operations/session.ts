import { denialCodes } from "../../../src/contract/codes.ts";
import { EXAMPLE } from "../../../src/contract/example-ids.ts";
import type { Operation } from "../operation.ts";
import { bodyProblems, callerProblems, denied, problemAnswers } from "../problems.ts";

const participant = {
  participant_name: "Zoë",
  participant_metadata: '{"plan":"free"}',
  participant_attributes: { lang: "de" },
};

/** What LKPS is for. */
export const sessionOperations: readonly Operation[] = [
  {
    operationId: "startSession",
    method: "post",
    path: "/api/session/start",
    tag: "Sessions",
    summary: "Start a session with an agent",
    description:
      "The caller is the client application. It is let in if the agent has opted out of enforcement, or if the agent's app registration exposes the enabled scope `access_as_client` (check 1), lists the client among its authorized client applications (check 2) and grants it that scope there (check 3).\n\nThe agent is named exactly once, by `agent_entra_app_id` or in `room_config.agents`. The second form is LiveKit's standard token-endpoint body, so that `TokenSource.endpoint(url)` of any LiveKit SDK works. `participant_name` has at most 256 bytes of UTF-8; metadata, agent metadata and attributes have 4,096 together. A null is as if it were not there.",
    callers: true,
    body: {
      schema: "SessionRequest",
      required: true,
      examples: {
        agent: { summary: "By the agent's client id", value: { agent_entra_app_id: EXAMPLE.agent } },
        participant: {
          summary: "With what the room and the agent are to know",
          value: { agent_entra_app_id: EXAMPLE.agent, ...participant, agent_metadata: "be brief" },
        },
        livekit: {
          summary: "As LiveKit's SDKs send it",
          value: { room_config: { agents: [{ agent_name: EXAMPLE.agent, metadata: "be brief" }] } },
        },
      },
    },
    answers: [
      {
        status: 200,
        description: "A session: what it takes to join its room.",
        schema: "Session",
        examples: {
          session: {
            summary: "A session",
            value: {
              session_id: EXAMPLE.session,
              server_url: EXAMPLE.serverUrl,
              participant_token: EXAMPLE.participantToken,
              room_name: EXAMPLE.room,
              participant_identity: `${EXAMPLE.client}-${EXAMPLE.suffix}`,
              agent_entra_app_id: EXAMPLE.agent,
              expires_at: EXAMPLE.expiresAt,
            },
          },
        },
      },
      ...problemAnswers([
        ...bodyProblems("agent_entra_app_id is missing: the agent's client id."),
        ...denialCodes.map(denied),
        ...callerProblems({ withGraph: true, ofAgent: false }),
      ]),
    ],
  },
];
