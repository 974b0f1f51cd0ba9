import { setTimeout as sleep } from "node:timers/promises";
import type { LiveKitStandInOptions } from "../../dev/livekit/start-livekit-stand-in.ts";

type Intercept = NonNullable<LiveKitStandInOptions["intercept"]>;

/** Answers with a status and JSON. */
function answering(status: number, json: unknown): Intercept {
  return (_, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
    return true;
  };
}

/** A fault for one method only, such as `DeleteRoom`. */
export function only(method: string, fault: Intercept): Intercept {
  return (request, response) => request.url?.endsWith(`/${method}`) === true && fault(request, response);
}

/** What can be wrong with LiveKit's server API, for the stand-in's `intercept`. */
export const livekitFaults = {
  down: (_, response) => {
    response.destroy();
    return true;
  },
  hanging: () => true,
  /** As with another secret. */
  refusing: answering(401, { code: "unauthenticated", msg: "permissions denied" }),
  failing: answering(500, { code: "internal", msg: "cannot" }),
  /** A 404 that is not LiveKit's, which says nothing about a room. */
  elsewhere: answering(404, { error: "no such page" }),
  /** It says that there are no rooms, and that a room is deleted, whatever there is. */
  lying: answering(200, {}),
  slow: async () => {
    await sleep(300);
    return false;
  },
} as const satisfies Record<string, Intercept>;
