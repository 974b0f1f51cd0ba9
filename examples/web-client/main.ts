import { accessToken } from "./access-token.ts";
import { type EnteredRoom, enterRoom, RoomNotEntered } from "./enter-room.ts";
import { fillList, page, say, showRefusal, showState } from "./page.ts";
import { settings } from "./settings.ts";
import { type Session, SessionRefused, startSession } from "./start-session.ts";

/** LiveKit does not dispatch a worker that starts later. */
const WORKER = "It comes only if its worker (npm run agent) was running when the session started.";

let room: EnteredRoom | undefined;

const { agents, clients } = settings;
fillList(page.agent, agents);
fillList(page.application, clients);
page.agent.value = settings.agent;
showState(
  "idle",
  clients.length > 0 ? "No session yet." : "The local stack is not running: run npm start, then reload.",
);

page.start.addEventListener("submit", (event) => {
  event.preventDefault();
  void start();
});
page.chat.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = page.text.value;
  say("you", text);
  page.text.value = "";
  room?.say(text).catch((error: unknown) => say("you", `(not sent: ${error})`));
});
page.leave.addEventListener("click", () => void room?.leave());

async function start(): Promise<void> {
  showState("starting", "Asking LKPS for a session…");
  let session: Session | undefined;
  try {
    session = await startSession(page.agent.value, await accessToken(page.application.value));
    const facts = { facts: `session: ${session.session_id} · LiveKit server: ${session.server_url}` };
    showState("starting", "Connecting to the room…", facts);
    const inRoom = (sentence: string, detail = "") => showState("in-room", sentence, { detail, ...facts });
    room = await enterRoom(session, {
      onAgent: (present) => inRoom(present ? "The agent is here." : "The agent has left."),
      onText: (text) => say("agent", text),
      onEnd() {
        room = undefined;
        showState("idle", "The session is over.");
      },
    });
    if (room.hasAgent()) inRoom("The agent is here.");
    else inRoom("Connected. Waiting for the agent…", WORKER);
  } catch (error) {
    if (error instanceof SessionRefused) showRefusal(error.problem);
    else if (error instanceof RoomNotEntered && session !== undefined) {
      const { session_id, agent_entra_app_id: agent, expires_at } = session;
      showState("idle", "LKPS allowed the session. What is missing is LiveKit.", {
        detail: `The client may talk to this agent, but ${error.message}`,
        facts: `session: ${session_id} · agent: ${agent} · can be joined until: ${expires_at}`,
        link: { text: "How to install livekit-server", href: error.page },
      });
    } else
      showState("idle", "Not connected.", { detail: error instanceof Error ? error.message : String(error) });
  }
}
