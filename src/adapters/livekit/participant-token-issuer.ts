import { AccessToken, RoomAgentDispatch, RoomConfiguration } from "livekit-server-sdk";
import type { ParticipantTokenIssuer } from "../../domain/ports.ts";

/** The API key and secret of a LiveKit server. */
export interface LiveKitSettings {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/**
 * Signs LiveKit access tokens. A token grants joining one room, and publishing, subscribing and sending data
 * in it. Its room configuration dispatches the agent when the first participant creates the room.
 *
 * @see https://docs.livekit.io/home/get-started/authentication/
 * @see https://docs.livekit.io/agents/server/agent-dispatch/#dispatch-on-participant-connection
 */
export function createParticipantTokenIssuer(settings: LiveKitSettings): ParticipantTokenIssuer {
  return {
    issue: async (permit, plan) => {
      const { name, metadata, attributes } = plan.participant;
      const accessToken = new AccessToken(settings.apiKey, settings.apiSecret, {
        identity: plan.participantIdentity,
        ...(name !== undefined && { name }),
        ...(metadata !== undefined && { metadata }),
        ...(attributes !== undefined && Object.keys(attributes).length > 0 && { attributes }),
      });
      accessToken.addGrant({
        room: plan.roomName,
        roomJoin: true,
        canPublish: true,
        canSubscribe: true,
        canPublishData: true,
      });
      const dispatchMetadata = {
        session_id: plan.sessionId,
        client_app_id: permit.client,
        client_metadata: plan.agentMetadata,
      };
      const roomConfig = new RoomConfiguration({
        agents: [
          new RoomAgentDispatch({
            agentName: permit.agent,
            metadata: JSON.stringify(dispatchMetadata),
            ...(plan.deployment !== undefined && { deployment: plan.deployment }),
          }),
        ],
      });
      // The message's default JSON includes fields that are not set, and LiveKit servers up to 1.11 reject
      // unknown fields. Serialize only what is set.
      accessToken.roomConfig = roomConfig.toJson() as unknown as RoomConfiguration;
      // A number sets `exp` itself; a duration would be measured from a time that the SDK chooses.
      accessToken.ttl = plan.expiresAt.getTime() / 1_000;
      return await accessToken.toJwt();
    },
  };
}
