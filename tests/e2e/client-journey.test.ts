// What a client application does, on the whole service: the real host, Graph's client, Table Storage, LiveKit's token.

import { TokenSource, type TokenSourceFetchOptions } from "livekit-client";
import { TokenVerifier } from "livekit-server-sdk";
import { beforeAll, describe, expect, test } from "vitest";
import { CLIENT } from "../support/app-registration.ts";
import { agentRows, directory } from "../support/decision-table.ts";
import { useService } from "../support/use-service.ts";

const START = "/api/session/start";
/** Two situations of each row of the decision table. */
const rows = agentRows.filter(
  ({ row }, n) => agentRows.slice(0, n).filter((earlier) => earlier.row === row).length < 2,
);
const AGENT = rows.find(({ code }) => code === "pre_authorized")?.agent ?? "";

const service = useService({ applications: directory });
beforeAll(async () => {
  for (const { agent, registered } of rows) {
    if (registered === "no") continue;
    const service_config = { enforce_client_authz: registered === "enforced", deployments: ["staging"] };
    await service.call("POST", "/api/agent/register", { caller: agent, body: { service_config } });
  }
});

const ask = (path: string, body: unknown) => service.call("POST", path, { caller: CLIENT, body });

test.each(rows)(
  "a start and an evaluation decide alike: row $row, $situation",
  async ({ agent, status, code, check }) => {
    const start = await ask(START, { agent_entra_app_id: agent });
    expect([start.status, start.body.code, start.body.check]).toEqual(
      status === 200 ? [200, undefined, undefined] : [status, code, check],
    );
    const record = JSON.parse(service.lines.findLast((line) => line.includes(agent)) ?? "null");
    expect(record).toMatchObject({ event: "session_start", status, code, check: check ?? null });
    const evaluation = await ask("/api/access/v1/evaluation", {
      subject: { type: "client_application", id: CLIENT },
      action: { name: "access_as_client" },
      resource: { type: "agent", id: agent },
    });
    expect([evaluation.body.decision, evaluation.body.context.code]).toEqual([status === 200, code]);
  },
);

describe("an option of LiveKit's TokenSource", () => {
  type Options = TokenSourceFetchOptions;
  const agent = (members: object) => ({ roomConfig: { agents: [{ agentName: AGENT, ...members }] } });
  // Every option: its value, and the resulting claims or the error.
  const answers: { [Name in keyof Required<Options>]: [Options[Name], object | RegExp] } = {
    agentName: [AGENT, agent({})],
    agentMetadata: ["hello", agent({ metadata: expect.stringContaining('"client_metadata":"hello"') })],
    deployment: ["staging", agent({ deployment: "staging" })],
    participantName: ["Ada", { name: "Ada" }],
    participantMetadata: ["m", { metadata: "m" }],
    participantAttributes: [{ a: "b" }, { attributes: { a: "b" } }],
    roomName: ["mine", /received 400 .*room_name can't be set/],
    participantIdentity: ["me", /received 400 .*participant_identity can't be set/],
  };

  test.each([
    ...Object.entries(answers),
    ["deployment", ["canary", /received 403 .*"code":"deployment_not_allowed".*"decision_id"/]] as const,
  ])("%s is answered: %j", async (name, [value, answer]) => {
    const source = TokenSource.endpoint(`${service.stack.appUrl}${START}`, {
      headers: { "x-functions-key": service.stack.functionKey, "client-id": CLIENT },
    });
    const fetched = source.fetch({ agentName: AGENT, [name]: value });
    if (answer instanceof RegExp) return await expect(fetched).rejects.toThrow(answer);
    const { serverUrl, participantToken } = await fetched;
    expect(serverUrl).toBe("ws://127.0.0.1:7880");
    expect(await new TokenVerifier("devkey", "secret").verify(participantToken)).toMatchObject(answer);
  });
});
