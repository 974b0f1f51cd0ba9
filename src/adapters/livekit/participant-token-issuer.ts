import { AccessToken, RoomAgentDispatch, RoomConfiguration } from "livekit-server-sdk";
import type { ParticipantTokenIssuer } from "../../domain/ports.ts";

/** How to sign for a LiveKit server. */
export interface LiveKitSettings {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/**
 * Signs LiveKit access tokens: to join one room, to publish, subscribe and send data there, and with it the room's
 * configuration, by which LiveKit dispatches the agent when the first participant's token creates the room.
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
        ...(plan.agentMetadata !== undefined && { client_metadata: plan.agentMetadata }),
      };
      const roomConfig = new RoomConfiguration({
        agents: [
          new RoomAgentDispatch({ agentName: permit.agent, metadata: JSON.stringify(dispatchMetadata) }),
        ],
      });
      // A message turns itself into JSON with every default spelt out, and servers up to 1.11 refuse fields that
      // they do not know: only what is set may be serialised.
      accessToken.roomConfig = roomConfig.toJson() as unknown as RoomConfiguration;
      // A number is the claim itself, where the option would count from a time that the SDK takes.
      accessToken.ttl = plan.expiresAt.getTime() / 1_000;
      return await accessToken.toJwt();
    },
  };
}
