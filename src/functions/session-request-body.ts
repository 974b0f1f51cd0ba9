import * as z from "zod/mini";
import type { SessionRequest } from "../application/start-session.ts";
import { type ClientId, parseClientId } from "../domain/client-id.ts";
import { invalidRequest } from "./json-body.ts";
import type { Problem } from "./problem.ts";

const MAX_NAME_BYTES = 256;
// Everything here ends up in the participant token, which travels in a URL.
const MAX_METADATA_BYTES = 4_096;

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
const refused = (error: string) => z.optional(z.null({ error })).check(z.describe(error));

const agentDispatch = z.catchall(
  z.object(
    {
      agent_name: agentId("room_config.agents[0].agent_name"),
      metadata: text("room_config.agents[0].metadata", "Handed to the agent, like `agent_metadata`."),
    },
    { error: "room_config.agents[0] must be an object." },
  ),
  refused("room_config.agents[0] may have agent_name and metadata, nothing else."),
);

const roomConfig = z.catchall(
  z.object(
    {
      agents: z.nullish(
        z
          .array(agentDispatch, { error: "room_config.agents must be a list." })
          .check(z.length(1, { error: "room_config.agents must name exactly one agent." })),
      ),
    },
    { error: "room_config must be an object." },
  ),
  refused("room_config may have agents, nothing else: LKPS sets up the room."),
);

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
            error: "participant_attributes must be an object of strings.",
          })
          .check(z.meta({ type: "object", additionalProperties: { type: "string" } })),
      )
      .check(z.describe("For others in the room to read.")),
    agent_metadata: text("agent_metadata", "Handed to the agent as `client_metadata`."),
    room_config: z
      .nullish(roomConfig)
      .check(z.describe("LiveKit's standard form: exactly one agent, named here.")),
    room_name: refused("room_name is LKPS's to choose: every session has a fresh room."),
    participant_identity: refused("participant_identity is LKPS's to choose."),
  },
  { error: "The body must be a JSON object." },
);

/**
 * Refuses a member named `__proto__` where other members are refused: the schema's `catchall` passes over that one
 * name without a look.
 */
export function refuseProto(body: unknown): Problem | undefined {
  const room = memberOf(body, "room_config");
  const agents = memberOf(room, "agents");
  const dispatches = Array.isArray(agents) ? agents : [];
  const isRefused = [room, ...dispatches].some((value) => memberOf(value, "__proto__") != null);
  return isRefused
    ? invalidRequest("room_config and its agents may not have a member of that name.")
    : undefined;
}

/** A member of the value's own, if it has one of that name. */
function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** Brings both forms into one, and holds the rules that span members. */
export function toSessionRequest(body: z.output<typeof sessionRequestBody>): SessionRequest | Problem {
  const dispatch = body.room_config?.agents?.[0];
  if (dispatch !== undefined && dispatch.agent_name == null) {
    return invalidRequest("room_config.agents[0] must have an agent_name, the agent's client id.");
  }
  if (body.agent_entra_app_id != null && dispatch !== undefined) {
    return invalidRequest("Name the agent once: by agent_entra_app_id or in room_config.agents.");
  }
  const agent: ClientId | undefined = parseClientId(body.agent_entra_app_id ?? dispatch?.agent_name);
  if (agent === undefined) return invalidRequest("agent_entra_app_id is missing: the agent's client id.");

  if (body.agent_metadata != null && dispatch?.metadata != null) {
    return invalidRequest("Give the agent's metadata once: as agent_metadata or in room_config.agents.");
  }
  const agentMetadata = body.agent_metadata ?? dispatch?.metadata ?? undefined;
  const name = body.participant_name ?? undefined;
  const metadata = body.participant_metadata ?? undefined;
  const attributes = body.participant_attributes ?? undefined;

  if (utf8Bytes(name) > MAX_NAME_BYTES) {
    return invalidRequest(`participant_name may have ${MAX_NAME_BYTES} bytes of UTF-8.`);
  }
  const attributeBytes = Object.entries(attributes ?? {}).map(
    ([key, value]) => utf8Bytes(key) + utf8Bytes(value),
  );
  if (
    attributeBytes.reduce((sum, bytes) => sum + bytes, utf8Bytes(metadata) + utf8Bytes(agentMetadata)) >
    MAX_METADATA_BYTES
  ) {
    return invalidRequest(
      `participant_metadata, participant_attributes and the agent's metadata may have ${MAX_METADATA_BYTES} bytes of UTF-8 together.`,
    );
  }
  return { agent, participant: { name, metadata, attributes }, agentMetadata };
}

const encoder = new TextEncoder();

function utf8Bytes(value: string | undefined): number {
  return value === undefined ? 0 : encoder.encode(value).byteLength;
}
