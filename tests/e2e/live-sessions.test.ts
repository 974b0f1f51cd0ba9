import { TableClient } from "@azure/data-tables";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startApp } from "../../dev/stack/app-process.ts";
import { appSettings } from "../../dev/stack/app-settings.ts";
import { distDirectory } from "../../tools/repository-paths.ts";
import { AGENT, api, CLIENT, entry } from "../support/app-registration.ts";
import { type LiveService, startLiveService } from "../support/live-service.ts";
import { send } from "../support/service.ts";

const registration = (appId: string, changes = {}) => ({
  id: appId,
  appId,
  displayName: appId,
  api: api(changes),
});
const agentOf = (n: number) => `a9e17000-0000-4000-8000-00000000010${n}`;
const agents = Array.from({ length: 10 }, (_, n) => agentOf(n));
/** An agent that no longer lists the client. */
const revoked = { preAuthorizedApplications: [entry({ appId: AGENT })] };

let service: LiveService;

beforeAll(async () => {
  service = await startLiveService({ applications: agents.map((agent) => registration(agent)) });
  for (const caller of agents) await service.call("POST", "/api/agent/register", { caller });
});
afterAll(() => service?.close());
beforeEach(() => {
  service.intercept = undefined;
});

async function join(agent: string) {
  const body = { agent_entra_app_id: agent };
  const { body: started } = await service.call("POST", "/api/session/start", { caller: CLIENT, body });
  const client = await service.livekit.join(started.participant_token);
  const path = `/api/agent/sessions/${started.session_id}`;
  const state = async () => (await service.call("GET", path, { caller: agent })).body.state;
  await expect.poll(state).toBe("waiting");
  return { id: started.session_id as string, room: started.room_name as string, path, client, state };
}

/** Makes a check before this one count, which also denied the client. */
async function deniedBefore(id: string): Promise<void> {
  const table = TableClient.fromConnectionString(service.stack.azurite.connectionString, "sessions", {
    allowInsecureConnection: true,
  });
  const rows = table.listEntities({ queryOptions: { filter: `sessionId eq '${id}'` } });
  for await (const { partitionKey = "", rowKey = "", known } of rows) {
    const denied = { ...JSON.parse(String(known)), denied: { sinceMs: Date.now() - 60_000 } };
    await table.updateEntity({ partitionKey, rowKey, known: JSON.stringify(denied) }, "Merge");
  }
}

/** Kills the app at its next call of the method, before LiveKit takes it, or takes it and answers nobody. */
function killAt(method: string, when: string): Promise<void> {
  return new Promise((resolve) => {
    service.intercept = (called) => {
      if (called !== method) return "answer";
      service.intercept = undefined;
      const killed = service.stack.killApp();
      resolve(killed);
      return killed.then(() => (when === "before" ? "drop" : "answer"));
    };
  });
}

const kills = (["ListRooms", "ListParticipants", "DeleteRoom", "CreateRoom"] as const).flatMap((method) =>
  (["before", "after"] as const).map((when) => [when, method] as const),
);
test.each(kills)(
  "the app is killed %s LiveKit takes %s of a check that ends a session: it is ended and logged once",
  async (when, method) => {
    const agent = agentOf(kills.findIndex((kill) => kill[0] === when && kill[1] === method));
    const { id, room, client, state } = await join(agent);
    await service.setDirectory(agents.map((each) => registration(each, each === agent ? revoked : {})));
    await deniedBefore(id);
    const killed = killAt(method, when);
    await service.check();
    await killed;
    await service.stack.restartApp();
    await expect
      .poll(
        async () => {
          await service.check();
          const [found] = await service.rooms.listRooms([room]);
          return [await state(), found?.departureTimeout];
        },
        { interval: 500 },
      )
      .toEqual(["ended", 720]);
    expect(await client.left).toBeGreaterThan(0);
    expect(service.events(id)).toEqual(["session_joined", "session_ended authorization_withdrawn"]);
  },
);

test.each([
  ["before", "DeleteRoom"],
  ["after", "DeleteRoom"],
  ["before", "CreateRoom"],
  ["after", "CreateRoom"],
])(
  "the app is killed %s LiveKit takes %s of an owner's ending: a check finishes it, and logs it once",
  async (when, method) => {
    const { id, room, path, state } = await join(agentOf(9));
    const killed = killAt(method, when);
    await service.call("DELETE", path, { caller: agentOf(9) }).catch(() => undefined);
    await killed;
    await service.stack.restartApp();
    await expect
      .poll(
        async () => {
          await service.check();
          const [found] = await service.rooms.listRooms([room]);
          return [await state(), found?.departureTimeout];
        },
        { interval: 500 },
      )
      .toEqual(["ended", 720]);
    expect(service.events(id)).toEqual(["session_joined", "session_ended ended_by_owner"]);
    expect((await service.call("DELETE", path, { caller: agentOf(9) })).status).toBe(204);
  },
);

test("of 200 starts at once on two apps, an agent with a limit of 10 gets 10, and 10 more after these have left", async () => {
  const caller = agentOf(8);
  const config = { service_config: { limits: { max_live_sessions: 10 } } };
  expect((await service.call("POST", "/api/agent/register", { caller, body: config })).status).toBe(200);
  const { entra, azurite, functionKey, masterKey, appUrl } = service.stack;
  const settings = { ...appSettings(entra, azurite), LIVEKIT_URL: service.livekit.url };
  const options = { directory: distDirectory, port: 0, settings, functionKey, masterKey, onLine: () => {} };
  await using other = Object.assign(await startApp(options), {
    [Symbol.asyncDispose]: () => other.stop(),
  });
  const urls = [appUrl, `http://127.0.0.1:${other.port}`];
  await service.setDirectory(agents.map((agent) => registration(agent)));
  const starts = async () => {
    const headers = { "x-functions-key": functionKey, "client-id": CLIENT };
    const body = { agent_entra_app_id: caller };
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => send(`${urls[n % 2]}/api/session/start`, "POST", body, headers)),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    expect(new Set(refused.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
      new Set(["429 session_limit_reached"]),
    );
    expect(refused).toHaveLength(190);
    return answers.filter(({ status }) => status === 200).map(({ body }) => body);
  };
  const first = await starts();
  for (const { participant_token: token } of first) await service.livekit.join(token);
  for (const { room_name: room } of first) await service.rooms.deleteRoom(room);
  await service.livekit.settled();
  await starts();
});
