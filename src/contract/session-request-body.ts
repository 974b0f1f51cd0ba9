import * as z from "zod/mini";
import { isObject } from "../domain/application.ts";
import { parseClientId } from "../domain/client-id.ts";

export const MAX_NAME_BYTES = 256;
const ONE_AGENT = "room_config.agents must name exactly one agent.";
// All of this is in the participant token, which is sent in a URL.
export const MAX_METADATA_BYTES = 4_096;

// Longer ones can't be registered.
const MAX_DEPLOYMENT_LENGTH = 64;

const TEXT = { type: "string" } as const;
const text = (name: string, what: string, maxLength = MAX_METADATA_BYTES) =>
  z.nullish(z.string({ error: `${name} must be a string.` })).check(z.meta({ description: what, maxLength }));
const agentId = (name: string) => {
  const error = `${name} must be a client id (a GUID).`;
  return z
    .nullish(
      z
        .string({ error: `${name} must be the agent's client id.` })
        .check(z.refine((value) => parseClientId(value) !== undefined, { error })),
    )
    .check(z.meta({ description: "The agent's client id.", format: "uuid" }));
};
// Null counts as absent, so it is allowed here.
const refused = (error: string) => z.optional(z.null({ error })).check(z.meta({ undocumented: true }));

const agentDispatch = z
  .object(
    {
      agent_name: agentId("room_config.agents[0].agent_name"),
      metadata: text("room_config.agents[0].metadata", "Passed to the agent, like `agent_metadata`."),
      deployment: text("room_config.agents[0].deployment", "Like `agent_deployment`.", MAX_DEPLOYMENT_LENGTH),
    },
    { error: "room_config.agents[0] must be an object." },
  )
  .check(z.meta({ id: "RoomAgentDispatch", additionalProperties: false }));

const roomConfig = z
  .object(
    {
      agents: z.nullish(
        z
          .array(agentDispatch, { error: "room_config.agents must be an array." })
          .check(z.length(1, { error: ONE_AGENT })),
      ),
    },
    { error: "room_config must be an object." },
  )
  .check(z.meta({ id: "RoomConfiguration", additionalProperties: false }));

// Not z.record, which ignores a member named __proto__.
function isRecordOfStrings(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((attribute) => typeof attribute === "string");
}

/** The body of `POST /api/session/start`, in LKPS's own form or the form of LiveKit's token endpoints. */
export const sessionRequestBody = z.object({
  agent_entra_app_id: agentId("agent_entra_app_id"),
  participant_name: text("participant_name", "Displayed to other participants.", MAX_NAME_BYTES),
  participant_metadata: text("participant_metadata", "Visible to other participants."),
  participant_attributes: z
    .nullish(
      z
        .custom<Record<string, string>>(isRecordOfStrings, {
          error: "participant_attributes must be an object with string values.",
        })
        .check(z.meta({ id: "ParticipantAttributes", type: "object", additionalProperties: TEXT })),
    )
    .check(z.describe("Visible to other participants.")),
  agent_metadata: text("agent_metadata", "Passed to the agent as `client_metadata`."),
  agent_deployment: text(
    "agent_deployment",
    "The LiveKit deployment of the agent. Its owner must allow it. Empty counts as absent.",
    MAX_DEPLOYMENT_LENGTH,
  ),
  room_config: z
    .nullish(roomConfig)
    .check(z.describe("LiveKit's standard form: exactly one agent, named here.")),
  room_name: refused("room_name can't be set: LKPS names the room, a new one for each session."),
  participant_identity: refused("participant_identity can't be set: LKPS assigns it."),
});

/**
 * Rejects unknown members of `room_config` and its agent unless they are null, and more than one agent. The
 * schema can't do this: it would check thousands of them one by one, and it ignores `__proto__`.
 */
export function refuseUnknown(body: unknown): string | undefined {
  const room = memberOf(body, "room_config");
  if (hasOthersThan(room, ["agents"])) {
    return "room_config can contain only agents: LKPS sets up the room.";
  }
  const agents = memberOf(room, "agents");
  if (!Array.isArray(agents)) return undefined;
  if (agents.length !== 1) return ONE_AGENT;
  return hasOthersThan(agents[0], ["agent_name", "metadata", "deployment"])
    ? "room_config.agents[0] can contain only agent_name, metadata and deployment."
    : undefined;
}

/** The value's own property of that name, if it exists. */
function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function hasOthersThan(value: unknown, known: readonly string[]): boolean {
  if (!isObject(value)) return false;
  return Object.entries(value).some(([name, member]) => member !== null && !known.includes(name));
}
