import type { ClientId } from "../../domain/client-id.ts";
import type { ApplicationDirectory } from "../../domain/ports.ts";
import { askBatch } from "./batch.ts";
import { graphBudget, toDependencyError } from "./graph-budget.ts";
import type { AskGraph, GraphAnswer } from "./graph-client.ts";
import { readingOf } from "./reading-of.ts";
import { askUntilAnswered, type Progress } from "./retry.ts";

/**
 * {@link ApplicationDirectory} that asks Microsoft Graph at each read. A read, with the token, all retries and their
 * waits, ends within `timeoutMs`.
 *
 * @see https://learn.microsoft.com/graph/api/application-get
 */
export function createGraphDirectory(ask: AskGraph, timeoutMs: number): ApplicationDirectory {
  const inTime = graphBudget(timeoutMs);
  return {
    read: (agent) =>
      inTime(async (signal, deadline, progress) => {
        const call = { path: pathOf(agent) };
        const answer = await askUntilAnswered(
          (onSend) => ask(call, signal, onSend),
          signal,
          deadline,
          progress,
        );
        return readingOf(answer, progress);
      }),
    readMany: (agents) =>
      inTime(async (signal, deadline, progress) => {
        const paths = agents.map(pathOf);
        const answers = await askBatch(ask, paths, signal, deadline, progress);
        return new Map(agents.map((agent, n) => [agent, readingOrFailure(answers[n], progress)]));
      }),
  };
}

function readingOrFailure(answer: GraphAnswer | undefined, progress: Progress) {
  try {
    if (answer === undefined) throw new Error("Graph left a part of a batch unanswered");
    return readingOf(answer, progress);
  } catch (error) {
    return toDependencyError(error, progress);
  }
}

function pathOf(agent: ClientId): string {
  return `/applications(appId='${agent}')?$select=api`;
}
