import * as z from "zod/mini";
import { type ClientId, parseClientId } from "../domain/client-id.ts";
import type { SessionRequest } from "../domain/session.ts";

const MAX_NAME_BYTES = 256;
const ONE_AGENT = "room_config.agents must name exactly one agent.";
// Everything here ends up in the participant token, which travels in a URL.
const MAX_METADATA_BYTES = 4_096;

const TEXT = { type: "string" } as const;
const text = (name: string, what: string, maxLength = MAX_METADATA_BYTES) =>
  z.nullish(z.string({ error: `${name} must be a string.` })).check(z.meta({ description: what, maxLength }));
const agentId = (name: string) => {
  const error = `${name} must be a client id, a GUID.`;
  return z
    .nullish(
      z
        .string({ error: `${name} must be the agent's client id.` })
        .check(z.refine((value) => parseClientId(value) !== undefined, { error })),
    )
    .check(z.meta({ description: "The agent's client id.", format: "uuid" }));
};
// A null counts as absent, so what is refused may still be null.
const refused = (error: string) => z.optional(z.null({ error })).check(z.meta({ undocumented: true }));

const agentDispatch = z
  .object(
    {
      agent_name: agentId("room_config.agents[0].agent_name"),
      metadata: text("room_config.agents[0].metadata", "Handed to the agent, like `agent_metadata`."),
    },
    { error: "room_config.agents[0] must be an object." },
  )
  .check(z.meta({ id: "RoomAgentDispatch", additionalProperties: false }));

const roomConfig = z
  .object(
    {
      agents: z.nullish(
        z
          .array(agentDispatch, { error: "room_config.agents must be a list." })
          .check(z.length(1, { error: ONE_AGENT })),
      ),
    },
    { error: "room_config must be an object." },
  )
  .check(z.meta({ id: "RoomConfiguration", additionalProperties: false }));

// Not z.record, which passes over a member named __proto__ without a look.
function isRecordOfStrings(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((attribute) => typeof attribute === "string");
}

/** The body of `POST /api/session/start`: LKPS's own form and LiveKit's standard token-endpoint form in one. */
export const sessionRequestBody = z.object(
  {
    agent_entra_app_id: agentId("agent_entra_app_id"),
    participant_name: text("participant_name", "Shown to others in the room.", MAX_NAME_BYTES),
    participant_metadata: text("participant_metadata", "For others in the room to read."),
    participant_attributes: z
      .nullish(
        z
          .custom<Record<string, string>>(isRecordOfStrings, {
            error: "participant_attributes must be an object with string values.",
          })
          .check(z.meta({ id: "ParticipantAttributes", type: "object", additionalProperties: TEXT })),
      )
      .check(z.describe("For others in the room to read.")),
    agent_metadata: text("agent_metadata", "Handed to the agent as `client_metadata`."),
    room_config: z
      .nullish(roomConfig)
      .check(z.describe("LiveKit's standard form: exactly one agent, named here.")),
    room_name: refused("room_name cannot be set: LKPS names the room, a fresh one for every session."),
    participant_identity: refused("participant_identity cannot be set: LKPS chooses it."),
  },
  { error: "The body must be a JSON object." },
);

/**
 * Refuses members of `room_config` and of its agent that LKPS does not take, unless they are null, and a list of more
 * agents than one. Not by the schema, which would look at each of thousands of them, and passes over `__proto__`.
 */
export function refuseUnknown(body: unknown): string | undefined {
  const room = memberOf(body, "room_config");
  if (hasOthersThan(room, ["agents"])) {
    return "room_config can contain only agents: LKPS sets up the room.";
  }
  const agents = memberOf(room, "agents");
  if (!Array.isArray(agents)) return undefined;
  if (agents.length !== 1) return ONE_AGENT;
  return hasOthersThan(agents[0], ["agent_name", "metadata"])
    ? "room_config.agents[0] can contain only agent_name and metadata."
    : undefined;
}

/** A member of the value's own, if it has one of that name. */
function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function hasOthersThan(value: unknown, known: readonly string[]): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).some(([name, member]) => member !== null && !known.includes(name));
}

/** Brings both forms into one, and holds the rules that span members. Answers what is wrong, if anything is. */
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
  const agentMetadata = body.agent_metadata ?? dispatch?.metadata ?? undefined;
  const name = body.participant_name ?? undefined;
  const metadata = body.participant_metadata ?? undefined;
  const attributes = body.participant_attributes ?? undefined;

  if (utf8Bytes(name) > MAX_NAME_BYTES) {
    return { invalid: `participant_name can have at most ${MAX_NAME_BYTES} bytes of UTF-8.` };
  }
  // Each takes four bytes at least: thousands of them are refused without a look at each.
  const isTooMany = Object.keys(attributes ?? {}).length > MAX_METADATA_BYTES / 4;
  const texts = isTooMany ? [] : [metadata, agentMetadata, ...Object.entries(attributes ?? {}).flat()];
  if (isTooMany || texts.reduce((sum, text) => sum + jsonBytes(text), 0) > MAX_METADATA_BYTES) {
    return {
      invalid: `participant_metadata, participant_attributes and the agent's metadata can have at most ${MAX_METADATA_BYTES} bytes together, as JSON writes them.`,
    };
  }
  return { agent, participant: { name, metadata, attributes }, agentMetadata };
}

const encoder = new TextEncoder();

function utf8Bytes(value: string | undefined): number {
  return value === undefined ? 0 : encoder.encode(value).byteLength;
}

/** How many bytes JSON takes for a text, quotes and escapes included; a token holds it so. */
function jsonBytes(value: string | undefined): number {
  return value === undefined ? 0 : utf8Bytes(JSON.stringify(value));
}
