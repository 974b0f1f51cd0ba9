import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AgentDispatchClient, RoomServiceClient } from "livekit-server-sdk";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../dev/listen.ts";
import { devKey, type LiveKitServer, startLiveKitServer } from "../../dev/livekit-server.ts";
import { livekitServer, needs } from "../../tools/test/needs.ts";
import { cases } from "./cases.ts";
import { runExample } from "./run-example.ts";
import type { Stage } from "./stage.ts";
import { eventsOf, startWebhookInbox, type WebhookInbox } from "./webhook-inbox.ts";

// The rules of the stand-in, on a real server with real clients and workers, in real time.
let inbox: WebhookInbox;
let livekit: LiveKitServer;
const port = await freePort();
const start = () => startLiveKitServer(livekitServer(), port, inbox.url);

describe("a real LiveKit server", await needs("livekit"), () => {
  beforeAll(async () => {
    inbox = await startWebhookInbox();
    livekit = await start();
  });
  afterAll(async () => {
    await livekit?.close();
    await inbox?.close();
  });

  test.for(cases)("$name", async ({ steps, answers, events }) => {
    const stage = realStage(`room-${randomUUID()}`);
    expect(await steps(stage)).toEqual(answers);
    await stage.wait(2);
    expect(eventsOf(stage.inbox)).toEqual(events);
  });
});

function realStage(room: string): Stage {
  const server = [livekit.url, devKey.apiKey, devKey.apiSecret] as const;
  const rooms = new RoomServiceClient(...server);
  onTestFinished(() => rooms.deleteRoom(room).catch(() => {}));
  const run = async (script: string, env: Record<string, string>) => {
    const keys = { LIVEKIT_API_KEY: devKey.apiKey, LIVEKIT_API_SECRET: devKey.apiSecret };
    const nobody = { gatewayUrl: "", entra: { url: "", tenantId: "" } } as Parameters<typeof runExample>[1];
    const path = join("..", "tests", "livekit", script);
    const child = await runExample(path, nobody, { LIVEKIT_URL: livekit.url, ...keys, ...env });
    onTestFinished(child.stop);
    return child;
  };
  return {
    room,
    url: livekit.url,
    rooms,
    dispatches: new AgentDispatchClient(...server),
    inbox: inbox.of(room),
    async join(token) {
      const child = await run("real-client.ts", { TOKEN: token });
      await child.line(/^joined/);
      return {
        async token() {
          await child.line(/^token /);
          return child.lines.findLast((line) => line.startsWith("token "))?.slice(6) ?? "";
        },
        leave: async () => {
          process.kill(child.pid, "SIGTERM");
          await child.exited;
        },
        die: child.stop,
      };
    },
    async giveUp(token) {
      const socket = new WebSocket(`${livekit.url}/rtc?access_token=${token}&protocol=15&sdk=js`);
      await once(socket, "message");
      socket.close();
    },
    async worker(agentName, { deployment } = {}) {
      const child = await run("real-agent.ts", {
        AGENT_NAME: agentName,
        AGENT_LOAD: "0",
        HEALTH_PORT: String(await freePort()),
        ...(deployment !== undefined && { LIVEKIT_AGENT_DEPLOYMENT: deployment }),
      });
      await child.line(/registered worker/);
      return { die: child.stop };
    },
    wait: (seconds) => sleep(seconds * 1_000),
    async restart() {
      await livekit.close();
      livekit = await start();
    },
  };
}
