import { TableClient } from "@azure/data-tables";
import { beforeAll, expect, test } from "vitest";
import { AGENT, api, CLIENT } from "../support/app-registration.ts";
import { useService } from "../support/use-service.ts";

const service = useService({
  applications: [{ id: AGENT, appId: AGENT, displayName: "Agent", api: api() }],
});
beforeAll(async () => {
  await service.call("POST", "/api/agent/register", { caller: AGENT });
});

async function column(table: string, name: string): Promise<Set<unknown>> {
  const client = TableClient.fromConnectionString(service.stack.azurite.connectionString, table, {
    allowInsecureConnection: true,
  });
  const values = new Set<unknown>();
  for await (const entity of client.listEntities()) values.add(entity[name]);
  return values;
}

test("after a kill -9 amid registrations and session starts, every answer that was 2xx is in the tables", async () => {
  const agents: string[] = [];
  const sessions: string[] = [];
  let running = true;
  const worker = async (n: number) => {
    for (let i = 0; running; i++) {
      const caller = `a9e17000-0000-4000-8000-${String(n * 1_000_000 + i).padStart(12, "0")}`;
      try {
        const registered = await service.call("POST", "/api/agent/register", { caller });
        if (registered.status === 201) agents.push(caller);
        const body = { agent_entra_app_id: AGENT };
        const started = await service.call("POST", "/api/session/start", { caller: CLIENT, body });
        if (started.status === 200) sessions.push(started.body.session_id);
      } catch {
        // The connection broke with the app: there was no answer, so nothing is guaranteed.
      }
    }
  };
  const workers = Array.from({ length: 20 }, (_, n) => worker(n + 1));
  await expect.poll(() => sessions.length, { interval: 5 }).toBeGreaterThan(60);
  await service.stack.killApp();
  running = false;
  await Promise.all(workers);
  await service.stack.restartApp();
  expect(agents.length).toBeGreaterThan(30);
  expect(sessions.length).toBeGreaterThan(30);
  const storedAgents = await column("agents", "partitionKey");
  const storedSessions = await column("sessions", "sessionId");
  expect(agents.filter((agent) => !storedAgents.has(agent))).toEqual([]);
  expect(sessions.filter((session) => !storedSessions.has(session))).toEqual([]);
  expect((await service.call("GET", "/api/health/ready")).status).toBe(200);
});
