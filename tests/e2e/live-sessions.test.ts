import { TableClient } from "@azure/data-tables";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { AGENT, api, CLIENT, entry } from "../support/app-registration.ts";
import { type LiveService, startLiveService } from "../support/live-service.ts";

const registration = (appId: string, changes = {}) => ({
  id: appId,
  appId,
  displayName: appId,
  api: api(changes),
});
const agentOf = (n: number) => `a9e17000-0000-4000-8000-00000000010${n}`;
const agents = [agentOf(0), agentOf(1)];
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

/** Kills the app at its next DeleteRoom, which LiveKit takes, and answers nobody. */
function killAtDeleteRoom(): Promise<void> {
  return new Promise((resolve) => {
    service.intercept = (called) => {
      if (called !== "DeleteRoom") return "answer";
      service.intercept = undefined;
      const killed = service.stack.killApp();
      resolve(killed);
      return killed.then(() => "answer");
    };
  });
}

// Between any other two steps: check-live-sessions.test.ts.
test.each([
  ["a check that ends a session", agentOf(0), "authorization_withdrawn"],
  ["an owner's ending", agentOf(1), "ended_by_owner"],
])(
  "the app is killed after LiveKit takes the DeleteRoom of %s: a later check finishes it, and it is logged once",
  async (_, agent, reason) => {
    const { id, room, path, client, state } = await join(agent);
    const isCheck = reason === "authorization_withdrawn";
    if (isCheck) {
      await service.setDirectory(agents.map((each) => registration(each, each === agent ? revoked : {})));
      await deniedBefore(id);
    }
    const killed = killAtDeleteRoom();
    if (isCheck) await service.check();
    else await service.call("DELETE", path, { caller: agent }).catch(() => undefined);
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
    expect(service.events(id)).toEqual(["session_joined", `session_ended ${reason}`]);
    expect((await service.call("DELETE", path, { caller: agent })).status).toBe(204);
  },
);
