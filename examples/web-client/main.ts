import { accessToken } from "./access-token.ts";
import { type EnteredRoom, enterRoom } from "./enter-room.ts";
import { page, setPhase, show, showRefusal } from "./page.ts";
import { settings } from "./settings.ts";
import { SessionRefused, startSession } from "./start-session.ts";

let room: EnteredRoom | undefined;

page.agent.value = settings.agent;
page.start.addEventListener("submit", (event) => {
  event.preventDefault();
  void start();
});
page.chat.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = page.text.value;
  show("you", text);
  page.text.value = "";
  room?.say(text).catch((error: unknown) => show("page", `Not sent: ${error}`));
});
page.leave.addEventListener("click", () => void room?.leave());

async function start(): Promise<void> {
  setPhase("starting");
  showRefusal(null);
  try {
    show("page", "Asking LKPS for a session");
    const session = await startSession(page.agent.value, await accessToken(page.application.value));
    show("page", `Session ${session.session_id}: connecting to ${session.server_url}`);
    room = await enterRoom(session, {
      onAgent: (present) => show("page", present ? "The agent is here" : "The agent has left"),
      onText: (text) => show("agent", text),
      onEnd() {
        show("page", "The session is over");
        room = undefined;
        setPhase("idle");
      },
    });
    show("page", "Connected");
    setPhase("in-room");
  } catch (error) {
    if (error instanceof SessionRefused) showRefusal(error.problem);
    else show("page", `It failed: ${error instanceof Error ? error.message : error}`);
    setPhase("idle");
  }
}
