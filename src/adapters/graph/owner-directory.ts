import { apiOf, listIn } from "../../domain/application-shape.ts";
import type { OwnedApplication } from "../../domain/authorization-view.ts";
import type { OwnerDirectory } from "../../domain/ports.ts";
import type { CallGraph } from "./graph-client.ts";
import { readGraph } from "./graph-read.ts";
import { getAlone, readIdentity } from "./read-identity.ts";

/** Creates an {@link OwnerDirectory} that reads Microsoft Graph each time. */
export function createOwnerDirectory(callGraph: CallGraph): OwnerDirectory {
  return {
    readOwned: (agent, limits) => {
      limits.rateLimit.acquire();
      return readGraph(limits, { attempts: 0 }, async (started) => {
        const get = getAlone(callGraph, started);
        const { identity, read } = await readIdentity(agent, "api,appRoles", limits, get, ownedApplicationOf);
        return { identity, readAt: read.readAt };
      });
    },
  };
}

function ownedApplicationOf(found: unknown): OwnedApplication {
  return { api: apiOf(found), appRoles: listIn(found, "appRoles") };
}
