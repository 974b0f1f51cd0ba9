import type { OwnerDirectory } from "../../domain/ports.ts";
import { apiOf, listIn } from "./application-shape.ts";
import { graphBudget } from "./graph-budget.ts";
import type { AskGraph } from "./graph-client.ts";
import { applicationOf } from "./reading-of.ts";
import { askUntilAnswered } from "./retry.ts";

/** {@link OwnerDirectory} that asks Microsoft Graph, within `timeoutMs`. */
export function createOwnerDirectory(ask: AskGraph, timeoutMs: number): OwnerDirectory {
  const inTime = graphBudget(timeoutMs);
  return {
    readOwned: (agent) =>
      inTime(async (signal, deadline, progress) => {
        const call = { path: `/applications(appId='${agent}')?$select=api,appRoles` };
        const answer = await askUntilAnswered(
          (onSend) => ask(call, signal, onSend),
          signal,
          deadline,
          progress,
        );
        const found = applicationOf(answer, progress.attempts);
        const application =
          found === null ? null : { api: apiOf(found), appRoles: listIn(found, "appRoles") };
        return { application, readAt: progress.askedAt };
      }),
  };
}
