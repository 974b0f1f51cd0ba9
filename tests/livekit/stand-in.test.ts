import { AgentDispatchClient, RoomServiceClient } from "livekit-server-sdk";
import { expect, onTestFinished, test } from "vitest";
import { startLiveKitStandIn } from "../../dev/livekit/start-livekit-stand-in.ts";
import { devKey } from "../../dev/livekit-server.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { cases } from "./cases.ts";
import type { Stage } from "./stage.ts";
import { eventsOf, startWebhookInbox } from "./webhook-inbox.ts";

// The stand-in keeps the rules that a real server keeps: see real-livekit.test.ts.
test.for(cases)("$name", async ({ steps, answers, events }) => {
  const stage = await standInStage();
  expect(await steps(stage)).toEqual(answers);
  await stage.wait(1);
  expect(eventsOf(stage.inbox)).toEqual(events);
});

async function standInStage(): Promise<Stage> {
  const clock = createManualClock();
  const inbox = await startWebhookInbox();
  const livekit = await startLiveKitStandIn({ clock, webhookUrl: inbox.url });
  onTestFinished(async () => {
    await livekit.close();
    await inbox.close();
  });
  const server = [livekit.url, devKey.apiKey, devKey.apiSecret] as const;
  return {
    room: "room",
    url: livekit.url,
    rooms: new RoomServiceClient(...server),
    dispatches: new AgentDispatchClient(...server),
    inbox: inbox.of("room"),
    join: livekit.join,
    giveUp: async (token) => (await livekit.join(token, false)).leave(),
    worker: async (agentName, { deployment } = {}) => livekit.registerWorker(agentName, deployment),
    wait: (seconds) => clock.advance(seconds * 1_000, livekit.settled),
    restart: async () => livekit.restart(),
  };
}
