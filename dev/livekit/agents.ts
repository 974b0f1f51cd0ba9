import { randomUUID } from "node:crypto";
import { AgentDispatch, AgentDispatchState, Job, JobState, JobStatus } from "@livekit/protocol";
import type { Clock } from "./clock.ts";

/** From the call to the agent in the room. */
const JOIN_MS = 300;
/** LiveKit lists a job only some seconds after a worker took it. */
const LISTED_MS = 3_000;

/** An agent in a room. */
interface Agent {
  leave(): void;
  die(): void;
}

/** A process that takes calls for an agent. */
interface Worker extends Agent {
  readonly agents: readonly Agent[];
}

/** The calls into one room. */
export interface Calls {
  readonly dispatches: readonly AgentDispatch[];
  /** Calls an agent, once: if no worker takes the call now, nobody comes. */
  call(wanted: { agentName: string; metadata: string; deployment: string }): AgentDispatch;
}

/** The workers of a server. */
export interface Workers {
  /** With its process, the agents die that it brought; if it ends in good order, they leave. */
  register(agentName: string, deployment?: string): Worker;
  /** @param enter - null if the room is gone */
  callsInto(room: string, enter: (identity: string) => Agent | null): Calls;
}

/** Creates the workers of a server. */
export function createWorkers(clock: Clock): Workers {
  const workers = new Map<Worker, { agentName: string; deployment: string; agents: Agent[] }>();
  const nanoseconds = () => BigInt(clock.now()) * 1_000_000n;
  return {
    register(agentName, deployment = "") {
      const agents: Agent[] = [];
      const end = (how: "leave" | "die") => {
        if (workers.delete(worker)) for (const agent of agents) agent[how]();
      };
      const worker = { agents, leave: () => end("leave"), die: () => end("die") };
      workers.set(worker, { agentName, deployment, agents });
      return worker;
    },
    callsInto(room, enter) {
      const dispatches: AgentDispatch[] = [];
      const call = ({ agentName, metadata, deployment }: Parameters<Calls["call"]>[0]) => {
        const state = new AgentDispatchState({ createdAt: nanoseconds() });
        const details = { agentName, metadata, deployment };
        const dispatch = new AgentDispatch({ ...details, id: `AD_${randomUUID()}`, room, state });
        dispatches.push(dispatch);
        const [found] = [...workers].filter(
          ([, its]) => its.agentName === agentName && its.deployment === deployment,
        );
        if (found === undefined) return dispatch;
        const [worker, { agents }] = found;
        const job = new Job({ ...details, id: `AJ_${randomUUID()}`, dispatchId: dispatch.id });
        // It stays so, whatever becomes of the agent.
        job.state = new JobState({
          status: JobStatus.JS_RUNNING,
          startedAt: nanoseconds(),
          updatedAt: nanoseconds(),
          participantIdentity: `agent-${job.id}`,
        });
        clock.after(JOIN_MS, () => {
          const agent = workers.has(worker) ? enter(`agent-${job.id}`) : null;
          if (agent !== null) agents.push(agent);
        });
        clock.after(LISTED_MS, () => state.jobs.push(job));
        return dispatch;
      };
      return { dispatches, call };
    },
  };
}
