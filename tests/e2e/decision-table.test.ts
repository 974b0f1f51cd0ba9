import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLIENT } from "../support/app-registration.ts";
import { directory, agentRows as rows } from "../support/decision-table.ts";
import { type Service, startService } from "../support/service.ts";

let service: Service;

beforeAll(async () => {
  service = await startService({ applications: directory });
  for (const { agent, registered } of rows) {
    if (registered === "no") continue;
    const optOut = { service_config: { enforce_client_authz: false } };
    const body = registered === "opted out" ? optOut : undefined;
    expect(await service.call("POST", "/api/agent/register", { caller: agent, body })).toMatchObject({
      status: 201,
    });
  }
});

afterAll(() => service?.close());

describe("over HTTP", () => {
  test.each(rows)("row $row, $situation: $status $code", async ({ agent, status, code, check }) => {
    const before = service.lines.length;
    const answer = await service.call("POST", "/api/session/start", {
      caller: CLIENT,
      body: { agent_entra_app_id: agent },
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    if (status === 200) {
      expect(Object.keys(answer.body)).toEqual([
        "session_id",
        "server_url",
        "participant_token",
        "room_name",
        "participant_identity",
        "agent_entra_app_id",
        "expires_at",
      ]);
    } else {
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.body).toMatchObject({ status, code, type: `/api/docs/problems.html#${code}` });
      expect(answer.body.check).toBe(check);
      expect(answer.body.decision_id).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.text).not.toMatch(/server_url|participant_token/);
    }
    const record = JSON.parse(service.lines.slice(before).find((line) => line.includes(agent)) ?? "null");
    expect(record).toMatchObject({
      event: "session_start",
      status,
      outcome: status === 200 ? "session" : "denied",
      code,
      check: check ?? null,
      client_app_id: CLIENT,
      session_id: answer.body.session_id ?? null,
    });
  });

  test("an agent that is not registered or opted out is never looked up in Graph", () => {
    const records = service.lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    const asked = records.filter(
      ({ event, graph_attempts }) => event === "session_start" && graph_attempts !== null,
    );
    const codes = new Set(asked.map(({ code }) => code));
    expect(codes).not.toContain("agent_not_registered");
    expect(codes).not.toContain("enforcement_disabled");
    expect(codes).toContain("pre_authorized");
  });
});
