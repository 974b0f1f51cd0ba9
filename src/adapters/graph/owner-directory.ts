import { apiOf, listIn } from "../../domain/application-shape.ts";
import type { OwnerDirectory } from "../../domain/ports.ts";
import { applicationOf } from "./application-reading.ts";
import type { CallGraph } from "./graph-client.ts";
import { readGraph } from "./graph-read.ts";
import { callWithRetry } from "./retry.ts";

/** Creates an {@link OwnerDirectory} that reads Microsoft Graph each time. */
export function createOwnerDirectory(callGraph: CallGraph): OwnerDirectory {
  return {
    readOwned: (agent, limits) => {
      limits.allowance.take();
      const progress = { attempts: 0 };
      return readGraph(limits, progress, async (read) => {
        const path = `/applications(appId='${agent}')?$select=api,appRoles`;
        const answer = await callWithRetry((onSend) => callGraph({ path }, read.signal, onSend), read);
        const found = applicationOf(answer, progress.attempts);
        const application =
          found === null ? null : { api: apiOf(found), appRoles: listIn(found, "appRoles") };
        return { application, readAt: read.readAt };
      });
    },
  };
}
