import type { ServerResponse } from "node:http";
import { DisconnectReason } from "@livekit/protocol";
import type { Workers } from "./agents.ts";
import type { Clients } from "./clients.ts";

interface Play {
  readonly participant_token?: string;
  readonly session_id?: string;
  readonly agent_name?: string;
  readonly deployment?: string;
}

/**
 * Participants and agents for `lkps join` and `lkps agent`. Each is there as long as its request's connection, and gets
 * a line of JSON for what becomes of it:
 *
 * - `POST /local-stack/tokens` keeps the participant token of a session
 * - `POST /local-stack/join` enters a room, with a token, or with the id of a session whose token is kept
 * - `POST /local-stack/agent` registers a worker under a name
 */
export function createPlayers(
  join: Clients["join"],
  registerWorker: Workers["register"],
): (path: string, json: string, response: ServerResponse) => Promise<void> {
  const tokens = new Map<string, string>();
  return async (path, json, response) => {
    const tell = (line: Record<string, unknown>) => response.write(`${JSON.stringify(line)}\n`);
    const play = JSON.parse(json) as Play;
    const token = play.participant_token ?? tokens.get(play.session_id ?? "");
    if (path === "agent" && play.agent_name !== undefined) {
      const worker = registerWorker(play.agent_name, play.deployment);
      response.once("close", () => worker.leave());
      tell({ event: "registered", agent_name: play.agent_name });
      return;
    }
    if (token === undefined) return void response.writeHead(404).end();
    if (path === "tokens") {
      tokens.set(play.session_id ?? "", token);
      return void response.writeHead(204).end();
    }
    const client = await join(token).catch((error: Error) => error.message);
    if (typeof client === "string") return void response.writeHead(401).end(client);
    response.once("close", () => client.leave());
    tell({ event: "joined", room_name: client.roomName, participant_identity: client.identity });
    tell({ event: "left", reason: DisconnectReason[await client.left] });
    response.end();
  };
}
