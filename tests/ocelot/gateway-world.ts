import { expect } from "vitest";
import { type Listening, listen } from "../../dev/listen.ts";
import { AGENT, api, CLIENT, entry, OTHER_CLIENT } from "../support/app-registration.ts";
import { type Service, startService } from "../support/service.ts";
import { bearerOf } from "./bearer.ts";
import { type RunningGateway, startGateway } from "./gateway-process.ts";
import { gatewaySettings } from "./gateway-settings.ts";
import { type HeaderLine, lookAt } from "./raw-request.ts";

/** The sample gateway between its callers and the built app, recording what it forwards. */
export interface World {
  readonly service: Service;
  readonly gateway: RunningGateway;
  /** Header lines of each request that left the gateway, its method and path first. */
  readonly left: HeaderLine[][];
  /** The usual settings of a gateway in front of the app. */
  readonly settings: Record<string, string>;
  /** Another gateway in front of the same app, with these settings over the usual ones. */
  start(settings: Record<string, string>): Promise<RunningGateway>;
  /** A header with a good token of that application. */
  as(clientId: string): Promise<HeaderLine[]>;
  close(): Promise<void>;
}

const applications = [
  { appId: AGENT, api: api({ preAuthorizedApplications: [entry({ appId: CLIENT })] }) },
  { appId: CLIENT, api: api() },
  { appId: OTHER_CLIENT, api: api() },
];

/** Starts one in which the agent is registered. */
export async function startWorld(): Promise<World> {
  const service = await startService({ applications });
  const left: HeaderLine[][] = [];
  const between: Listening = await listen(lookAt(left, service.stack.appUrl), 0);
  const started: RunningGateway[] = [];
  const usual = gatewaySettings(service.stack, between.port);
  const start = async (settings: Record<string, string>) => {
    const gateway = await startGateway({ ...usual, ...settings });
    started.push(gateway);
    return gateway;
  };
  const gateway = await start({});
  await service.call("POST", "/api/agent/register", { caller: AGENT });
  return {
    service,
    gateway,
    left,
    settings: usual,
    start,
    as: (clientId) => bearerOf(service.stack, { azp: clientId }),
    close: async () => {
      for (const { close } of started) await close();
      await between.close();
      await service.close();
    },
  };
}

/** All values under that name, in any letter case, of the one request that left. */
export function valuesOf(left: readonly HeaderLine[][], name: string): string[] {
  expect(left.length).toBe(1);
  return left.flat().flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []));
}
