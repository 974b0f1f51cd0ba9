import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { examplesDirectory } from "../../tools/repository-paths.ts";
import { needs } from "../../tools/test/needs.ts";

// What the agent does in a room, with a fake room: `npm test` has no LiveKit server. For a real one, see
// `npm run test:livekit`.
const session = {
  session_id: "0d0c0b0a-0000-4000-8000-000000000001",
  client_app_id: "c11e4700-0000-4000-8000-000000000001",
};
type Texts = (reader: { readAll(): Promise<string> }, from: { identity: string }) => Promise<void>;

describe("the example agent in a room", await needs("examples"), () => {
  let agent: { entry(job: unknown): Promise<void> };

  beforeAll(async () => {
    // A path that the compiler does not follow, because the examples' packages may not be installed when it runs.
    ({ default: agent } = await import(join(examplesDirectory, "agent", "agent.ts")));
  });

  test("greets the client with the session and the client that LKPS wrote into the job, and nobody else", async () => {
    const { job, said } = madeUpJob(JSON.stringify(session));
    await agent.entry(job);
    expect(said).toEqual([
      {
        text: `Hello ${session.client_app_id}, this is session ${session.session_id}.`,
        topic: "lk.chat",
        destinationIdentities: ["client-1"],
      },
    ]);
  });

  test("repeats what the client says, including what it said before the agent was ready", async () => {
    const { job, said, texts } = madeUpJob(JSON.stringify(session), {
      onConnect: () => texts("lk.chat")({ readAll: async () => "early" }, { identity: "client-1" }),
    });
    await agent.entry(job);
    expect(said.map(({ text }) => text)).toContain("You said: early");
  });

  test("leaves when the client leaves", async () => {
    const { job, leave, shutdowns } = madeUpJob(JSON.stringify(session));
    await agent.entry(job);
    expect(shutdowns).toEqual([]);
    leave();
    expect(shutdowns).toEqual(["the client has left"]);
  });

  test.each(["", "{}", '{"session_id":"x","client_app_id":"y"}'])(
    "does not join the room of a job with the metadata %j",
    async (metadata) => {
      const onConnect = vi.fn();
      await expect(agent.entry(madeUpJob(metadata, { onConnect }).job)).rejects.toThrow(
        "not an LKPS session",
      );
      expect(onConnect).not.toHaveBeenCalled();
    },
  );

  /** As much of LiveKit's JobContext as the agent uses, with one client in the room. */
  function madeUpJob(metadata: string, { onConnect = () => {} }: { onConnect?: () => unknown } = {}) {
    const client = { identity: "client-1" };
    const said: { text: string }[] = [];
    const shutdowns: string[] = [];
    const handlers = new Map<string, Texts>();
    const listeners = new Map<string, () => void>();
    const remoteParticipants = new Map([[client.identity, client]]);
    const room = {
      remoteParticipants,
      localParticipant: {
        sendText: async (text: string, options: object) => void said.push({ text, ...options }),
      },
      registerTextStreamHandler: (topic: string, handler: Texts) => handlers.set(topic, handler),
      on: (event: string, listener: () => void) => listeners.set(event, listener),
    };
    const job = {
      job: { metadata },
      room,
      connect: async () => await onConnect(),
      waitForParticipant: async () => client,
      shutdown: (reason: string) => shutdowns.push(reason),
    };
    return {
      job,
      said,
      shutdowns,
      texts: (topic: string): Texts =>
        handlers.get(topic) ?? (() => Promise.reject(new Error(`No ${topic}`))),
      leave() {
        remoteParticipants.clear();
        listeners.get("participantDisconnected")?.();
      },
    };
  }
});
