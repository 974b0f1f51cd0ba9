import type { HttpRequest } from "@azure/functions";
import { changeSession, closeRoom, type SessionPorts } from "../application/change-session.ts";
import { applyEvent } from "../domain/live-session.ts";
import { sessionOfRoom } from "../domain/session.ts";
import { endIfDenied } from "../domain/session-ending.ts";
import { endpoint } from "../http/endpoint.ts";
import { readBytes } from "../http/json-body.ts";
import { Problem } from "../http/problem.ts";
import type { Ports } from "./ports.ts";

// An event holds the room's and the participant's metadata, 512 KiB each at most.
const MAX_BODY_BYTES = 1024 * 1024;
const INVALID_SIGNATURE = new Problem("invalid_signature", {
  detail:
    "This route takes the webhooks of LKPS's LiveKit server, as application/webhook+json and signed with its API key.",
});

/** `POST /api/livekit/webhook`: what becomes of the sessions. */
export const livekitWebhook = endpoint(
  {
    name: "livekitWebhook",
    method: "POST",
    route: "api/livekit/webhook",
    caller: "none",
    responses: { 200: null },
    problems: ["invalid_signature", "storage_unavailable", "livekit_unavailable"],
  },
  (ports: SessionPorts & Pick<Ports, "webhooks">) =>
    async ({ request, log }) => {
      const body = await readBody(request);
      if (body instanceof Problem) return body;
      const event = await ports.webhooks.receive(body, request.headers.get("authorization") ?? "");
      if (event === undefined) return INVALID_SIGNATURE;
      const found = event === null ? undefined : sessionOfRoom(event.roomName);
      if (event === null || found === undefined) return { status: 200 };
      const nowMs = ports.clock.now().getTime();
      const change = await changeSession(
        ports,
        found,
        (session) => endIfDenied({ ...session, known: applyEvent(session.known, event, session) }, nowMs),
        log,
      );
      // Nobody may enter the room of a session that LKPS ended, or is ending.
      const isEntry = event.kind === "joined" && change?.after.known.closing !== undefined;
      if (isEntry) await closeRoom(ports, change.after, log);
      return { status: 200 };
    },
);

/** The raw body, which is what is signed. */
async function readBody(request: HttpRequest): Promise<string | Problem> {
  const bytes = await readBytes(request, MAX_BODY_BYTES);
  if (bytes instanceof Problem) return bytes;
  const mediaType = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== "application/webhook+json") return INVALID_SIGNATURE;
  // A byte order mark is part of what is signed.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
