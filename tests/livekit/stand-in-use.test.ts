import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { AccessToken, type RoomConfiguration, RoomServiceClient, TokenVerifier } from "livekit-server-sdk";
import { expect, onTestFinished, test } from "vitest";
import { type LiveKitStandInOptions, startLiveKitStandIn } from "../../dev/livekit/start-livekit-stand-in.ts";
import { devKey } from "../../dev/livekit-server.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { livekitFaults, only } from "../support/livekit-faults.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { runLkps } from "../support/run-lkps.ts";

const AGENT = "a9e17000-0000-4000-8000-000000000001";

async function standIn(options: LiveKitStandInOptions = {}) {
  const livekit = await startLiveKitStandIn(options);
  onTestFinished(livekit.close);
  const rooms = new RoomServiceClient(livekit.url, devKey.apiKey, devKey.apiSecret, { requestTimeout: 1 });
  return { livekit, rooms, address: livekit.url.replace("ws", "http") };
}

async function participantToken(seconds = 600): Promise<string> {
  const token = new AccessToken(devKey.apiKey, devKey.apiSecret, { identity: "client", ttl: seconds });
  token.addGrant({ room: "room", roomJoin: true });
  token.roomConfig = { agents: [{ agentName: AGENT }] } as unknown as RoomConfiguration;
  return await token.toJwt();
}

test.each([
  ["down", expect.objectContaining({ message: "fetch failed" })],
  ["hanging", expect.objectContaining({ name: "TimeoutError" })],
  ["refusing", expect.objectContaining({ status: 401, code: "unauthenticated" })],
  ["failing", expect.objectContaining({ status: 500 })],
  ["elsewhere", expect.objectContaining({ status: 404, code: undefined })],
  ["lying", []],
  ["slow", [expect.objectContaining({ name: "room" })]],
] as const)("LiveKit's API can be %s, for one method or for all", async (fault, expected) => {
  let intercept: LiveKitStandInOptions["intercept"] = () => false;
  const { rooms } = await standIn({ intercept: (...all) => intercept?.(...all) ?? false });
  await rooms.createRoom({ name: "room" });
  intercept = only("ListRooms", livekitFaults[fault]);
  expect(await rooms.listRooms().catch((error: unknown) => error)).toEqual(expected);
  await rooms.deleteRoom("room");
  intercept = livekitFaults.down;
  await expect(rooms.deleteRoom("room")).rejects.toThrow("fetch failed");
});

test("a token is renewed at the entry and every 5 minutes, for 10 minutes or the rest of the first one", async () => {
  const clock = createManualClock();
  const { livekit } = await standIn({ clock });
  const startedAt = clock.now() / 1_000;
  const client = await livekit.join(await participantToken(800));
  const expiries: number[] = [];
  for (let minutes = 0; minutes < 12; minutes += 4) {
    const claims = await new TokenVerifier(devKey.apiKey, devKey.apiSecret).verify(await client.token());
    expect(claims.roomConfig).toEqual({ agents: [{ agentName: AGENT }] });
    expiries.push(Math.round((claims.exp ?? 0) - startedAt));
    await clock.advance(4 * 60_000, livekit.settled);
  }
  // After 0, 4, and 8 minutes.
  expect(expiries.map((seconds) => Math.round(seconds / 10) * 10)).toEqual([800, 800, 900]);
});

test("without a URL, webhooks are lost, and what waits when the server dies never comes", async () => {
  const { livekit, rooms } = await standIn();
  await rooms.createRoom({ name: "room" });
  livekit.sendWebhooksTo("http://127.0.0.1:9/webhook");
  await rooms.deleteRoom("room");
  livekit.restart();
  await livekit.settled();
  expect(await rooms.listRooms()).toEqual([]);
});

test("lkps join and lkps agent meet in the room, each as long as its process", async () => {
  const { rooms, address } = await standIn();
  const play = (...args: string[]) => {
    const child = spawn(process.execPath, [join(repositoryRoot, "cli", "lkps.ts"), ...args]);
    onTestFinished(() => void child.kill("SIGKILL"));
    return { child, lines: createInterface(child.stdout) };
  };
  const present = async () => (await rooms.listParticipants("room")).map(({ identity }) => identity);

  const none = await runLkps(["join", "--session", "unknown", "--livekit-url", address]);
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("lkps start --local")]);

  const body = JSON.stringify({ session_id: "known", participant_token: await participantToken() });
  await fetch(`${address}/local-stack/tokens`, { method: "POST", body });
  const agent = new AbortController();
  onTestFinished(() => agent.abort());
  const worker = { method: "POST", body: JSON.stringify({ agent_name: AGENT }), signal: agent.signal };
  const registered = await fetch(`${address}/local-stack/agent`, worker);
  expect(registered.status).toBe(200);

  const client = play("join", "--session", "known", "--livekit-url", address);
  expect(await once(client.lines, "line")).toEqual(["Joined room as client. Ctrl-C leaves."]);
  await expect.poll(present).toEqual(["client", expect.stringMatching(/^agent-/)]);
  agent.abort();
  await expect.poll(present).toEqual(["client"]);
  const line = once(client.lines, "line");
  const code = once(client.child, "exit");
  await rooms.deleteRoom("room");
  expect([await line, (await code)[0]]).toEqual([["Left: ROOM_DELETED."], 0]);
});
