import { EXAMPLE } from "../example-ids.ts";
import { type OperationExamples, ok } from "../operation-examples.ts";

const participant = {
  participant_name: "Zoë",
  participant_metadata: '{"plan":"free"}',
  participant_attributes: { lang: "de" },
};

/** Examples of a session start. */
export const sessionOperations: readonly OperationExamples[] = [
  {
    operationId: "startSession",
    details: { invalid_request: "agent_entra_app_id is required: the agent's client id." },
    body: {
      examples: {
        agent: { summary: "By the agent's client id", value: { agent_entra_app_id: EXAMPLE.agent } },
        participant: {
          summary: "With participant details and agent metadata",
          value: { agent_entra_app_id: EXAMPLE.agent, ...participant, agent_metadata: "be brief" },
        },
        livekit: {
          summary: "As LiveKit's SDKs send it",
          value: { room_config: { agents: [{ agent_name: EXAMPLE.agent, metadata: "be brief" }] } },
        },
      },
    },
    responses: ok("The session, with what the client needs to join its room.", {
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
    }),
  },
];
