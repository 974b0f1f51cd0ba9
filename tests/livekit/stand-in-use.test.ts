import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { AccessToken, type RoomConfiguration, RoomServiceClient } from "livekit-server-sdk";
import { expect, onTestFinished, test } from "vitest";
import { startLiveKitStandIn } from "../../dev/livekit/start-livekit-stand-in.ts";
import { devKey } from "../../dev/livekit-server.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { runLkps } from "../support/run-lkps.ts";

const AGENT = "a9e17000-0000-4000-8000-000000000001";

test("lkps join and lkps agent meet in the room, each as long as its process", async () => {
  const livekit = await startLiveKitStandIn({});
  onTestFinished(livekit.close);
  const rooms = new RoomServiceClient(livekit.url, devKey.apiKey, devKey.apiSecret);
  const address = livekit.url.replace("ws", "http");
  const play = (...args: string[]) => {
    const child = spawn(process.execPath, [join(repositoryRoot, "cli", "lkps.ts"), ...args]);
    onTestFinished(() => void child.kill("SIGKILL"));
    return { child, lines: createInterface(child.stdout) };
  };
  const present = async () => (await rooms.listParticipants("room")).map(({ identity }) => identity);

  const none = await runLkps(["join", "--session", "unknown", "--livekit-url", address]);
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("lkps start --local")]);

  const token = new AccessToken(devKey.apiKey, devKey.apiSecret, { identity: "client" });
  token.addGrant({ room: "room", roomJoin: true });
  token.roomConfig = { agents: [{ agentName: AGENT }] } as unknown as RoomConfiguration;
  const body = JSON.stringify({ session_id: "known", participant_token: await token.toJwt() });
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
