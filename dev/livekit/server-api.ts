import * as livekit from "@livekit/protocol";
import { type ClaimGrants, TokenVerifier } from "livekit-server-sdk";
import type { Rooms } from "./rooms.ts";
import type { LiveKitKey } from "./webhooks.ts";

const LEEWAY_SECONDS = 60;
const statusOf = { bad_route: 404, not_found: 404, unauthenticated: 401, unavailable: 503 } as const;

/** An error as Twirp has it. */
class ApiError extends Error {
  readonly code: keyof typeof statusOf;
  constructor(code: keyof typeof statusOf, message: string) {
    super(message);
    this.code = code;
  }
}

interface Message {
  toJsonString(options: { useProtoFieldName: boolean; emitDefaultValues: boolean }): string;
}
type Method = (rooms: Rooms, json: string, video: ClaimGrants["video"]) => Message;

/** @param grant - `roomAdmin` has to be for the room of the request */
function method<Request extends object>(
  type: { fromJsonString(json: string, options: { ignoreUnknownFields: boolean }): Request },
  grant: "roomList" | "roomCreate" | "roomAdmin",
  run: (rooms: Rooms, request: Request) => Message,
): Method {
  return (rooms, json, video) => {
    const request = type.fromJsonString(json, { ignoreUnknownFields: true });
    const isForRoom = grant !== "roomAdmin" || ("room" in request && request.room === video?.room);
    if (!video?.[grant] || !isForRoom) throw new ApiError("unauthenticated", "permissions denied");
    return run(rooms, request);
  };
}

const methods: Readonly<Record<string, Method>> = {
  "RoomService/CreateRoom": method(
    livekit.CreateRoomRequest,
    "roomCreate",
    (rooms, request) => rooms.open(request).info,
  ),
  "RoomService/ListRooms": method(livekit.ListRoomsRequest, "roomList", (rooms, { names }) => {
    const all = [...rooms.values()].map(({ info }) => info);
    const wanted = new Set(names);
    return new livekit.ListRoomsResponse({
      rooms: wanted.size === 0 ? all : all.filter(({ name }) => wanted.has(name)),
    });
  }),
  "RoomService/DeleteRoom": method(livekit.DeleteRoomRequest, "roomCreate", (rooms, { room: name }) => {
    const room = rooms.get(name);
    if (room === undefined) throw new ApiError("not_found", "requested room does not exist");
    room.close(livekit.DisconnectReason.ROOM_DELETED);
    return new livekit.DeleteRoomResponse();
  }),
  "RoomService/ListParticipants": method(livekit.ListParticipantsRequest, "roomAdmin", (rooms, { room }) => {
    const participants = [...(rooms.get(room)?.participants.values() ?? [])].map(({ info }) => info);
    return new livekit.ListParticipantsResponse({ participants });
  }),
  "AgentDispatchService/CreateDispatch": method(
    livekit.CreateAgentDispatchRequest,
    "roomAdmin",
    (rooms, request) => rooms.open({ name: request.room }).call(request),
  ),
  "AgentDispatchService/ListDispatch": method(
    livekit.ListAgentDispatchRequest,
    "roomAdmin",
    (rooms, { room: name, dispatchId }) => {
      const room = rooms.get(name);
      // No node of LiveKit serves a room that does not exist.
      if (room === undefined) throw new ApiError("unavailable", "no response from servers");
      const agentDispatches = room.dispatches.filter(({ id }) => dispatchId === "" || id === dispatchId);
      return new livekit.ListAgentDispatchResponse({ agentDispatches });
    },
  ),
};

/**
 * Answers a request of LiveKit's server API: Twirp, with the JSON bodies that `livekit-server-sdk` sends.
 *
 * @param path - such as `RoomService/ListRooms`
 * @see https://twitchtv.github.io/twirp/docs/spec_v7.html
 */
export async function callServerApi(
  rooms: Rooms,
  { apiKey, apiSecret }: LiveKitKey,
  request: { path: string; authorization: string; json: string },
): Promise<{ status: number; json: string }> {
  try {
    const token = request.authorization.replace(/^Bearer /, "");
    // LiveKit answers a bad token with 401 in plain text, which the SDK reads alike.
    const claims = await new TokenVerifier(apiKey, apiSecret).verify(token, LEEWAY_SECONDS).catch(() => null);
    if (claims === null) throw new ApiError("unauthenticated", "invalid authorization token");
    const found = methods[request.path];
    if (found === undefined) throw new ApiError("bad_route", `no handler for ${request.path}`);
    const message = found(rooms, request.json, claims.video);
    // LiveKit writes the names of the protocol's own files, and fields that are not set.
    return { status: 200, json: message.toJsonString({ useProtoFieldName: true, emitDefaultValues: true }) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { status: statusOf[error.code], json: JSON.stringify({ code: error.code, msg: error.message }) };
  }
}
