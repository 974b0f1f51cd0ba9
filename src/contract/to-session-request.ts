import type * as z from "zod/mini";
import { type ClientId, parseClientId } from "../domain/client-id.ts";
import type { SessionRequest } from "../domain/session.ts";
import { MAX_METADATA_BYTES, MAX_NAME_BYTES, type sessionRequestBody } from "./session-request-body.ts";

/**
 * Converts both forms of the body to one, and validates rules that span several members. Returns the error
 * message if it is invalid.
 */
export function toSessionRequest(
  body: z.output<typeof sessionRequestBody>,
): SessionRequest | { readonly invalid: string } {
  const dispatch = body.room_config?.agents?.[0];
  if (dispatch !== undefined && dispatch.agent_name == null) {
    return { invalid: "room_config.agents[0] must have an agent_name, the agent's client id." };
  }
  if (body.agent_entra_app_id != null && dispatch !== undefined) {
    return { invalid: "Name the agent once, either as agent_entra_app_id or in room_config.agents." };
  }
  const agent: ClientId | undefined = parseClientId(body.agent_entra_app_id ?? dispatch?.agent_name);
  if (agent === undefined) return { invalid: "agent_entra_app_id is required: the agent's client id." };

  if (body.agent_metadata != null && dispatch?.metadata != null) {
    return { invalid: "Set the agent's metadata once, either as agent_metadata or in room_config.agents." };
  }
  // Empty counts as absent.
  const [deployment, ...more] = [body.agent_deployment, dispatch?.deployment].filter(Boolean);
  if (more.length > 0) {
    return { invalid: "Set the deployment once, either as agent_deployment or in room_config.agents." };
  }
  const agentMetadata = body.agent_metadata ?? dispatch?.metadata ?? undefined;
  const name = body.participant_name ?? undefined;
  const metadata = body.participant_metadata ?? undefined;
  const attributes = body.participant_attributes ?? undefined;

  if (utf8Bytes(name) > MAX_NAME_BYTES) {
    return { invalid: `participant_name can have at most ${MAX_NAME_BYTES} bytes of UTF-8.` };
  }
  // Each takes at least four bytes: reject thousands of them without checking each.
  const isTooMany = Object.keys(attributes ?? {}).length > MAX_METADATA_BYTES / 4;
  const texts = isTooMany ? [] : [metadata, agentMetadata, ...Object.entries(attributes ?? {}).flat()];
  if (isTooMany || texts.reduce((sum, text) => sum + jsonBytes(text), 0) > MAX_METADATA_BYTES) {
    return {
      invalid: `participant_metadata, participant_attributes and the agent's metadata can have at most ${MAX_METADATA_BYTES} bytes in total, encoded as JSON.`,
    };
  }
  return {
    agent,
    participant: { name, metadata, attributes },
    agentMetadata,
    deployment: deployment ?? undefined,
  };
}

const encoder = new TextEncoder();

function utf8Bytes(value: string | undefined): number {
  return value === undefined ? 0 : encoder.encode(value).byteLength;
}

/** The size of a string in JSON, with quotes and escapes, as in the token. */
function jsonBytes(value: string | undefined): number {
  return value === undefined ? 0 : utf8Bytes(JSON.stringify(value));
}
