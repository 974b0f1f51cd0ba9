import { createRequire } from "node:module";
import { join } from "node:path";
import { examplesDirectory } from "../../tools/repository-paths.ts";

// A participant for tests on a real server: enters the room of TOKEN, writes each token that LiveKit gives it, and leaves
// on SIGTERM.
const { Room, RoomEvent } = createRequire(join(examplesDirectory, "package.json"))("@livekit/rtc-node");

const room = new Room();
room.on(RoomEvent.TokenRefreshed, () => console.log(`token ${room.token}`));
process.on("message", async () => {
  await room.disconnect();
  process.exit();
});
// It stays until it is told to leave, even while it has no connection.
setInterval(() => {}, 60_000);
await room.connect(process.env["LIVEKIT_URL"], process.env["TOKEN"], {
  autoSubscribe: false,
  dynacast: false,
});
console.log("joined");
