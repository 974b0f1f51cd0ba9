import { createServer } from "node:http";
import { join } from "node:path";
import {
  AvailabilityRequest,
  Job,
  JobAssignment,
  RegisterWorkerResponse,
  ServerMessage,
  WorkerMessage,
  WorkerStatus,
} from "@livekit/protocol";
import { AccessToken, TokenVerifier } from "livekit-server-sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort, listen } from "../../dev/listen.ts";
import { needs } from "../../tools/test/needs.ts";
import { type LoopbackLiveKit, startLoopbackLiveKit, type Visitor } from "../livekit/loopback-livekit.ts";
import { type RunningExample, runExample } from "../livekit/run-example.ts";
import { accessTokenOf } from "../support/access-token.ts";
import { type Service, startService } from "../support/service.ts";

// Without a LiveKit server: a WebSocket server here uses LiveKit's own messages. `npm run test:livekit`
// has the rest.
const AGENT = "a9e17000-0000-4000-8000-000000000001";
const session = { session_id: crypto.randomUUID(), client_app_id: "c11e4700-0000-4000-8000-000000000001" };

describe("the example agent, without a LiveKit server", await needs("examples"), () => {
  let livekit: LoopbackLiveKit;
  let service: Service;
  let agent: RunningExample;
  let worker: Visitor;
  /** The worker's first message. */
  let registration: WorkerMessage["message"];

  beforeAll(async () => {
    livekit = await startLoopbackLiveKit();
    service = await startService({ settings: { LIVEKIT_URL: livekit.url } });
    agent = await runExample(join("agent", "main.ts"), service.stack, {
      HEALTH_PORT: String(await freePort()),
      AGENT_LOAD: "0.25",
    });
    worker = await agent.during(livekit.visitor(/^\/agent$/));
    registration = WorkerMessage.fromBinary(await worker.next()).message;
    send({ case: "register", value: new RegisterWorkerResponse({ workerId: "AW_1" }) });
    await agent.line(/registered worker/);
  });
  afterAll(async () => {
    await agent?.stop();
    await service?.close();
    await livekit?.close();
  });

  test("the agent has registered with LKPS before its worker connects to LiveKit", async () => {
    const answer = await service.call("GET", "/api/agent/registration", { caller: AGENT });
    expect([answer.status, answer.body.agent_name]).toEqual([200, AGENT]);
    expect(answer.body.service_config).toEqual({ enforce_client_authz: true, deployments: [] });
  });

  test("its worker connects to the server and under the agent name that LKPS returned", async () => {
    const { video } = await new TokenVerifier("devkey", "secret").verify(worker.token);
    expect(video).toEqual({ agent: true });
    expect(registration.case).toBe("register");
    expect(registration.value).toMatchObject({ agentName: AGENT });
  });

  test("its worker reports the load that AGENT_LOAD sets, however busy the machine is", async () => {
    const { load, status } = await nextMessage("updateWorker");
    expect({ load, status }).toEqual({ load: 0.25, status: WorkerStatus.WS_AVAILABLE });
  });

  test.each([
    ["no metadata", ""],
    ["metadata of somebody else", '{"user":"ada"}'],
    ["a session without its client", JSON.stringify({ session_id: session.session_id })],
  ])("the agent rejects a job with %s, because it is not an LKPS session", async (_, metadata) => {
    offer(new Job({ id: crypto.randomUUID(), metadata }));
    expect(await nextMessage("availability")).toMatchObject({ available: false });
  });

  test("the agent accepts an LKPS session, and joins its room with the job's token", async () => {
    const job = new Job({ id: "AJ_1", metadata: JSON.stringify(session), room: { name: "lkps-1" } });
    offer(job);
    const { available, participantIdentity } = await nextMessage("availability");
    expect(available).toBe(true);
    const token = new AccessToken("devkey", "secret", { identity: participantIdentity });
    token.addGrant({ room: "lkps-1", roomJoin: true, agent: true });
    send({ case: "assignment", value: new JobAssignment({ job, token: await token.toJwt() }) });
    const visitor = await livekit.visitor(/^\/rtc/);
    const { sub, video } = await new TokenVerifier("devkey", "secret").verify(visitor.token);
    expect([sub, video?.room]).toEqual([participantIdentity, "lkps-1"]);
  });

  test("an agent with another application's access token stops, and says whose it is and what to do", async () => {
    const other = "c11e4700-0000-4000-8000-000000000001";
    const access_token = await accessTokenOf(service.stack, other, "approved-secret");
    const tokens = await listen(
      createServer((_, response) => response.end(JSON.stringify({ access_token }))),
      0,
    );
    const foreign = await runExample(join("agent", "main.ts"), service.stack, {
      ENTRA_TOKEN_URL: tokens.url,
    });
    const { code } = await foreign.exited;
    await tokens.close();
    expect(code).toBe(1);
    expect(foreign.lines.join("\n")).toMatch(
      new RegExp(
        `LKPS has registered ${other}.* instead of AZURE_CLIENT_ID ${AGENT}.*DELETE /api/agent/registration`,
      ),
    );
  });

  test.each([
    [
      "LiveKit",
      {},
      /^Registered with LKPS as \S+\.\nNo LiveKit server answers at ws:\S+ On your machine, run livekit-server --dev\.$/,
    ],
    [
      "LKPS",
      { LKPS_URL: "http://127.0.0.1:9" },
      /^LKPS does not answer at http:\S+ On your machine, run npm start\.$/,
    ],
    [
      "Entra ID",
      { ENTRA_TOKEN_URL: "http://127.0.0.1:9/t" },
      /^The local Entra ID does not answer at http:\S+ Run npm start\.$/,
    ],
  ])("without %s, the agent says so in one sentence", async (_, settings, said) => {
    const nowhere = { LIVEKIT_URL: "ws://127.0.0.1:9", ...settings };
    const lonely = await runExample(join("agent", "main.ts"), service.stack, nowhere);
    expect(await lonely.exited).toMatchObject({ code: 1 });
    expect(lonely.lines.join("\n")).toMatch(said);
  });

  test("its output contains no token and no secret", () => {
    expect(agent.lines.join("\n")).not.toMatch(/eyJ|agent1-secret/);
  });

  function send(message: ServerMessage["message"]): void {
    worker.send(new ServerMessage({ message }).toBinary());
  }

  function offer(job: Job): void {
    send({ case: "availability", value: new AvailabilityRequest({ job }) });
  }

  /** The next message of that kind; others are skipped. */
  async function nextMessage<K extends NonNullable<WorkerMessage["message"]["case"]>>(kind: K) {
    for (;;) {
      const { message } = WorkerMessage.fromBinary(await worker.next());
      if (message.case === kind)
        return message.value as Extract<WorkerMessage["message"], { case: K }>["value"];
    }
  }
});
