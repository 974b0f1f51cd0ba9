import { JobStatus, ParticipantInfo_Kind, RoomAgentDispatch } from "@livekit/protocol";
import {
  AccessToken,
  AgentDispatchClient,
  type RoomConfiguration,
  RoomServiceClient,
  TokenVerifier,
  type VideoGrant,
} from "livekit-server-sdk";
import { devKey } from "../../dev/livekit-server.ts";
import type { Stage } from "./stage.ts";
import { inWords } from "./webhook-inbox.ts";

// What LKPS relies on in a LiveKit server. The stand-in and a real server have to give the same answers.

/** One rule: what is done, what it answers, and the webhooks that arrive. */
export interface Case {
  readonly name: string;
  readonly steps: (stage: Stage) => Promise<unknown>;
  readonly answers: unknown;
  readonly events: readonly string[];
}

const STARTED = ["room_started", "participant_joined client"];
const MET = [...STARTED, "participant_joined agent"];
const END = ["participant_left client ROOM_DELETED", "participant_left agent ROOM_DELETED", "room_finished"];

const agentOf = ({ room }: Stage) => `agent-of-${room}`;
const now = () => Math.floor(Date.now() / 1_000);

/** A participant token as LKPS signs it. */
async function tokenFor(
  stage: Stage,
  { identity = "client", seconds = 600, grant = {} as VideoGrant, config = {} } = {},
): Promise<string> {
  const token = new AccessToken(devKey.apiKey, devKey.apiSecret, { identity });
  token.addGrant({ room: stage.room, roomJoin: true, ...grant });
  const agents = [{ agentName: agentOf(stage), metadata: "from the token" }];
  token.roomConfig = { agents, ...config } as unknown as RoomConfiguration;
  token.ttl = now() + seconds;
  return await token.toJwt();
}

const join = async (stage: Stage, changes = {}) => await stage.join(await tokenFor(stage, changes));

/** Who is in the room: `client`, `agent`. */
async function present({ rooms, room }: Stage): Promise<string[]> {
  const all = await rooms.listParticipants(room);
  return all.map(({ kind, identity }) => (kind === ParticipantInfo_Kind.AGENT ? "agent" : identity)).sort();
}

const isThere = ({ rooms, room }: Stage) => rooms.listRooms([room]).then((found) => found.length > 0);
const hasArrived =
  (event: string) =>
  async ({ inbox }: Stage) =>
    inbox.taken.some((taken) => inWords(taken) === event);

/** The calls into the room, with the states of their jobs. */
async function listed({ dispatches, room }: Stage): Promise<string[]> {
  const all = await dispatches.listDispatch(room);
  return all
    .map(({ metadata, state }) => [metadata, state?.jobs.map((job) => JobStatus[job.state?.status ?? 0])])
    .filter(([metadata]) => metadata !== "")
    .map(([metadata, jobs]) => `${metadata}: ${jobs}`)
    .sort();
}

/** Waits until something holds; the case fails by its answers if it never does. */
async function until(stage: Stage, holds: (stage: Stage) => Promise<boolean>, seconds = 15): Promise<void> {
  for (let waited = 0; waited < seconds && !(await holds(stage)); waited += 0.5) await stage.wait(0.5);
}

const agents = (wanted: number) => async (stage: Stage) =>
  (await present(stage)).filter((who) => who === "agent").length === wanted;

/** Client and agent in the room. */
async function meet(stage: Stage) {
  const worker = await stage.worker(agentOf(stage));
  const client = await join(stage);
  await until(stage, agents(1));
  return { worker, client };
}

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => "taken",
    ({ status, code }) => [status, code],
  );

/** The calls of the server API that LKPS makes. */
const calls: Record<
  string,
  (rooms: RoomServiceClient, agents: AgentDispatchClient, room: string) => Promise<unknown>
> = {
  listRooms: (rooms, _, room) => rooms.listRooms([room]),
  createRoom: (rooms, _, name) => rooms.createRoom({ name }),
  listParticipants: (rooms, _, room) => rooms.listParticipants(room),
  createDispatch: (_, agents, room) => agents.createDispatch(room, "nobody"),
  listDispatch: (_, agents, room) => agents.listDispatch(room),
  deleteRoom: (rooms, _, room) => rooms.deleteRoom(room),
};

async function callAll(stage: Stage, grant: VideoGrant | null) {
  const signed = new AccessToken(devKey.apiKey, devKey.apiSecret, { identity: "caller", ttl: 60 });
  if (grant !== null) signed.addGrant(grant);
  const token = await signed.toJwt();
  const clients = [
    new RoomServiceClient(stage.url, "", "", { token }),
    new AgentDispatchClient(stage.url, "", "", { token }),
  ] as const;
  const answers: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(calls))
    answers[name] = await refusal(call(...clients, stage.room));
  return answers;
}

const only = (taken: readonly string[], status: number, code?: string) =>
  Object.fromEntries(
    Object.keys(calls).map((name) => [name, taken.includes(name) ? "taken" : [status, code]]),
  );

export const cases: readonly Case[] = [
  {
    name: "the first participant creates the room, and the agent of its token's configuration comes",
    async steps(stage) {
      const before = await isThere(stage);
      await meet(stage);
      const [room] = await stage.rooms.listRooms([stage.room]);
      return [before, await present(stage), room?.departureTimeout, room?.emptyTimeout];
    },
    answers: [false, ["agent", "client"], 20, 300],
    events: MET,
  },
  {
    name: "one unknown field in the configuration refuses the whole token",
    async steps(stage) {
      const refused = await join(stage, { config: { unheard_of: true } }).then(
        () => "in",
        () => "refused",
      );
      return [refused, await isThere(stage)];
    },
    answers: ["refused", false],
    events: [],
  },
  {
    name: "a call and a worker meet only if both have the same deployment, or none",
    async steps(stage) {
      const name = agentOf(stage);
      await stage.worker(name, { deployment: "green" });
      await join(stage);
      await stage.wait(3);
      const withoutDeployment = await present(stage);
      await stage.dispatches.createDispatch(stage.room, name, { deployment: "green" });
      await until(stage, agents(1));
      return [withoutDeployment, await present(stage)];
    },
    answers: [["client"], ["agent", "client"]],
    events: MET,
  },
  {
    name: "without a worker nobody comes, though one registers later; CreateDispatch calls again, at once",
    async steps(stage) {
      await join(stage);
      await stage.worker(agentOf(stage));
      await stage.wait(5);
      const before = [await present(stage), await listed(stage)];
      await stage.dispatches.createDispatch(stage.room, agentOf(stage), { metadata: "again" });
      await until(stage, agents(1), 3);
      await stage.wait(6);
      return [before, await present(stage), await listed(stage)];
    },
    answers: [
      [["client"], ["from the token: "]],
      ["agent", "client"],
      ["again: JS_RUNNING", "from the token: "],
    ],
    events: MET,
  },
  {
    name: "a killed agent is gone after 20 s, its job stays running, and nobody comes until CreateDispatch",
    async steps(stage) {
      const { worker } = await meet(stage);
      await stage.wait(5);
      await worker.die();
      await stage.wait(10);
      const after10s = await present(stage);
      await until(stage, agents(0), 25);
      await stage.worker(agentOf(stage));
      await stage.wait(3);
      const before = [after10s, await present(stage), await listed(stage)];
      await stage.dispatches.createDispatch(stage.room, agentOf(stage), { metadata: "again" });
      await until(stage, agents(1), 3);
      return [before, await present(stage)];
    },
    answers: [
      [["agent", "client"], ["client"], ["from the token: JS_RUNNING"]],
      ["agent", "client"],
    ],
    events: [...MET, "participant_left agent CONNECTION_TIMEOUT", "participant_joined agent"],
  },
  {
    name: "a killed client is gone after 20 s",
    async steps(stage) {
      const client = await join(stage);
      await client.die();
      await stage.wait(10);
      const after10s = await present(stage);
      await until(stage, hasArrived("participant_left client CONNECTION_TIMEOUT"), 25);
      return [after10s, await present(stage)];
    },
    answers: [["client"], []],
    events: [...STARTED, "participant_left client CONNECTION_TIMEOUT"],
  },
  {
    name: "ListDispatch shows the token's call at once, and its job some seconds later, in nanoseconds",
    async steps(stage) {
      await meet(stage);
      const atOnce = await listed(stage);
      await stage.wait(6);
      const [dispatch] = await stage.dispatches.listDispatch(stage.room);
      const updatedAt = Number(dispatch?.state?.jobs[0]?.state?.updatedAt ?? 0n) / 1e9;
      return [atOnce, await listed(stage), Math.abs(updatedAt - now()) < 100];
    },
    answers: [["from the token: "], ["from the token: JS_RUNNING"], true],
    events: MET,
  },
  {
    name: "CreateRoom without agents calls the workers without a name",
    async steps(stage) {
      await stage.worker("");
      await stage.rooms.createRoom({ name: stage.room });
      await until(stage, agents(1), 3);
      return await present(stage);
    },
    answers: ["agent"],
    events: ["room_started", "participant_joined agent"],
  },
  {
    name: "CreateRoom with agents calls only those",
    async steps(stage) {
      await stage.worker("");
      const agents = [new RoomAgentDispatch({ agentName: "nobody" })];
      await stage.rooms.createRoom({ name: stage.room, agents, emptyTimeout: 5 });
      await until(stage, async (stage) => !(await isThere(stage)), 30);
      return await isThere(stage);
    },
    answers: false,
    events: ["room_started", "room_finished"],
  },
  {
    name: "a room is closed 20 s after its last participant left, with the agent that is in it",
    async steps(stage) {
      const { client } = await meet(stage);
      await client.leave();
      await stage.wait(15);
      const after15s = await present(stage);
      await until(stage, hasArrived("room_finished"), 30);
      return [after15s, await isThere(stage)];
    },
    answers: [["agent"], false],
    events: [
      ...MET,
      "participant_left client CLIENT_INITIATED",
      "participant_left agent ROOM_CLOSED",
      "room_finished",
    ],
  },
  {
    name: "DeleteRoom puts everybody out",
    async steps(stage) {
      await meet(stage);
      await stage.rooms.deleteRoom(stage.room);
      const after = [await isThere(stage), await present(stage)];
      await until(stage, hasArrived("room_finished"));
      return [after, await refusal(stage.rooms.deleteRoom(stage.room))];
    },
    answers: [
      [false, []],
      [404, "not_found"],
    ],
    events: [...MET, ...END],
  },
  {
    name: "a participant that was put out comes back by its renewed token, and the agent with it",
    async steps(stage) {
      const { client } = await meet(stage);
      const first = await client.token();
      await stage.rooms.deleteRoom(stage.room);
      await until(stage, hasArrived("room_finished"));
      const back = await stage.join(first);
      await until(stage, agents(1));
      const second = await back.token();
      const claims = await new TokenVerifier(devKey.apiKey, devKey.apiSecret).verify(second);
      const seconds = (claims.exp ?? 0) - now();
      return [await present(stage), first !== second, seconds >= 590, claims.video?.room === stage.room];
    },
    answers: [["agent", "client"], true, true, true],
    events: [...MET, ...END, ...MET],
  },
  {
    name: "a token is good until a minute after it expired",
    async steps(stage) {
      const tooLate = await join(stage, { seconds: -70 }).then(
        () => "in",
        () => "refused",
      );
      await join(stage, { seconds: -40 });
      return [tooLate, await present(stage)];
    },
    answers: ["refused", ["client"]],
    events: STARTED,
  },
  {
    name: "a closed room calls no agent for whoever comes back, and stays when they leave",
    async steps(stage) {
      const { client } = await meet(stage);
      const token = await client.token();
      await stage.rooms.deleteRoom(stage.room);
      const agents = [new RoomAgentDispatch({ agentName: "nobody" })];
      const timeouts = { emptyTimeout: 720, departureTimeout: 720 };
      await stage.rooms.createRoom({ name: stage.room, agents, ...timeouts });
      const returned = await stage.join(token);
      await stage.wait(3);
      const back = await present(stage);
      await returned.leave();
      await stage.wait(30);
      const [room] = await stage.rooms.listRooms([stage.room]);
      return [back, await present(stage), room?.emptyTimeout, room?.departureTimeout];
    },
    answers: [["client"], [], 720, 720],
    events: [...MET, ...END, ...STARTED, "participant_left client CLIENT_INITIATED"],
  },
  {
    name: "the same identity again puts the first one out",
    async steps(stage) {
      await join(stage);
      const sid = async () => (await stage.rooms.listParticipants(stage.room))[0]?.sid;
      const first = await sid();
      await join(stage);
      return [await present(stage), first !== (await sid())];
    },
    answers: [["client"], true],
    events: [...STARTED, "participant_left client DUPLICATE_IDENTITY", "participant_joined client"],
  },
  {
    name: "num_participants is some seconds old, in webhooks too, and leaves agents out",
    async steps(stage) {
      await meet(stage);
      const count = async () => (await stage.rooms.listRooms([stage.room]))[0]?.numParticipants;
      const atOnce = await count();
      await stage.wait(8);
      const joined = stage.inbox.taken.find(({ event }) => event === "participant_joined");
      return [atOnce, await count(), joined?.room?.numParticipants];
    },
    answers: [0, 1, 0],
    events: MET,
  },
  {
    name: "a connection that fails is told apart from a participant that left",
    async steps(stage) {
      await stage.giveUp(await tokenFor(stage));
      await until(stage, async ({ inbox }) => inbox.taken.length > 1, 30);
    },
    answers: undefined,
    events: ["room_started", "participant_connection_aborted client SIGNAL_CLOSE"],
  },
  {
    name: "a server that dies tells nobody; its clients come back to another room of the same name",
    async steps(stage) {
      await meet(stage);
      const [before] = await stage.rooms.listRooms([stage.room]);
      await stage.restart();
      await until(stage, agents(1), 30);
      const [after] = await stage.rooms.listRooms([stage.room]);
      return [await present(stage), before?.sid !== after?.sid];
    },
    answers: [["agent", "client"], true],
    events: [...MET, ...MET],
  },
  ...(
    [
      ["nothing", null, []],
      ["roomJoin", { roomJoin: true, room: "ROOM" }, []],
      ["roomList", { roomList: true }, ["listRooms"]],
      ["roomCreate", { roomCreate: true }, ["createRoom", "deleteRoom"]],
      ["roomAdmin for another room", { roomAdmin: true, room: "another" }, []],
    ] as const
  ).map(
    ([what, grant, taken]): Case => ({
      name: `a token that grants ${what} is refused with 401 where that is not enough`,
      steps: (stage) => callAll(stage, grant),
      answers: only(taken, 401, "unauthenticated"),
      events: taken.includes("createRoom" as never) ? ["room_started", "room_finished"] : [],
    }),
  ),
  {
    name: "roomAdmin is enough for the calls about a room; a missing room has nobody",
    async steps(stage) {
      const grant = { roomAdmin: true, room: stage.room };
      const missing = await refusal(stage.rooms.listParticipants(stage.room));
      const { listRooms, createRoom, deleteRoom, ...answers } = await callAll(stage, grant);
      return [missing, answers];
    },
    answers: ["taken", { listParticipants: "taken", createDispatch: "taken", listDispatch: "taken" }],
    events: ["room_started"],
  },
  {
    name: "a webhook is signed over its body, with times in seconds and milliseconds, and holds a secret",
    async steps(stage) {
      const client = await join(stage);
      await client.leave();
      await until(stage, hasArrived("participant_left client CLIENT_INITIATED"));
      const [started, joined, left] = stage.inbox.taken;
      const isRecent = (seconds: number) => Math.abs(seconds - now()) < 100;
      return [
        stage.inbox.requests.every((headers) => headers["content-type"] === "application/webhook+json"),
        stage.inbox.requests.every((headers) =>
          /^ey[\w-]+\.[\w-]+\.[\w-]+$/.test(`${headers["authorization"]}`),
        ),
        isRecent(Number(started?.createdAt)),
        isRecent(Number(joined?.participant?.joinedAtMs) / 1_000),
        joined?.participant?.joinedAtMs === left?.participant?.joinedAtMs,
        started?.room?.turnPassword !== "",
      ];
    },
    answers: [true, true, true, true, true, true],
    events: [...STARTED, "participant_left client CLIENT_INITIATED"],
  },
];
