import type { IncomingHttpHeaders } from "node:http";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { listen } from "../../dev/listen.ts";
import { audiences, tenantId } from "../../dev/local-defaults.ts";
import type { Stack } from "../../dev/stack.ts";
import { goodClaims } from "../support/access-token.ts";
import { AGENT, api, CLIENT, entry, OTHER_CLIENT } from "../support/app-registration.ts";
import { type Service, startService } from "../support/service.ts";
import { type RunningGateway, startGateway } from "./gateway-process.ts";
import { type HeaderLine, lookAt, type RawRequest, sendRaw } from "./raw-request.ts";

/** Where the gateway reads how it checks access tokens. */
export const SCHEME = "Authentication__Schemes__Bearer__";
const applications = [
  { appId: AGENT, api: api({ preAuthorizedApplications: [entry({ appId: CLIENT })] }) },
  { appId: CLIENT, api: api() },
  { appId: OTHER_CLIENT, api: api() },
];

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
  /** A header with a good token of that application, but for these claims. */
  as(clientId: string, changes?: Record<string, unknown>): Promise<HeaderLine[]>;
  /** Sends a request to the gateway, or to another one. */
  call(path: string, sent: RawRequest, url?: string): ReturnType<typeof sendRaw>;
  close(): Promise<void>;
}

/** The world of the tests of this suite, in which the agent is registered. Each test begins with nothing forwarded. */
export function useWorld(): World {
  const world = {} as World;
  beforeAll(async () => void Object.assign(world, await startWorld()));
  afterAll(() => world.close?.());
  beforeEach(() => {
    world.left.length = 0;
  });
  return world;
}

async function startWorld(): Promise<World> {
  const service = await startService({ applications });
  const { entra } = service.stack;
  const left: HeaderLine[][] = [];
  const between = await listen(lookAt(left, service.stack.appUrl), 0);
  const started: RunningGateway[] = [];
  const settings = settingsOf(service.stack, between.port);
  const start = async (changes: Record<string, string>) => {
    const gateway = await startGateway({ ...settings, ...changes });
    started.push(gateway);
    return gateway;
  };
  const gateway = await start({});
  await service.call("POST", "/api/agent/register", { caller: AGENT });
  return {
    service,
    gateway,
    left,
    settings,
    start,
    as: async (azp, changes = {}) => {
      const token = await entra.sign({ ...goodClaims(entra.issuers.v2), azp, ...changes });
      return [["Authorization", `Bearer ${token}`]];
    },
    call: (path, sent, url = gateway.url) => sendRaw(url, path, sent),
    close: async () => {
      for (const { close } of started) await close();
      await between.close();
      await service.close();
    },
  };
}

/** The sample gateway's settings, as a deployment sets them; what it takes for LKPS has that port. */
function settingsOf({ entra, functionKey }: Stack, port: number): Record<string, string> {
  return {
    LKPS_URL: `http://127.0.0.1:${port}`,
    LKPS_FUNCTION_KEY: functionKey,
    [`${SCHEME}Authority`]: `${entra.url}/${tenantId}/v2.0`,
    [`${SCHEME}RequireHttpsMetadata`]: "false",
    [`${SCHEME}ValidIssuers__0`]: entra.issuers.v2,
    [`${SCHEME}ValidIssuers__1`]: entra.issuers.v1,
    [`${SCHEME}ValidAudiences__0`]: audiences[0] ?? "",
    [`${SCHEME}ValidAudiences__1`]: audiences[1] ?? "",
  };
}

/** All values under that name, in any letter case, of the one request that left. */
export function valuesOf(left: readonly HeaderLine[][], name: string): string[] {
  expect(left.length).toBe(1);
  return left.flat().flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []));
}

/** Now, as tokens count it. */
export const seconds = () => Math.floor(Date.now() / 1_000);

const statuses = {
  invalid_request: 400,
  caller_unidentified: 401,
  invalid_token: 401,
  application_token_required: 403,
  not_found: 404,
  body_too_large: 413,
  bad_gateway: 502,
  directory_unavailable: 503,
};

/** Checks that an answer is the gateway's own problem with that code. */
export function expectProblem(
  answer: { status: number; type: string; headers: IncomingHttpHeaders; body: unknown },
  code: keyof typeof statuses,
): void {
  const status = statuses[code];
  expect([answer.status, (answer.body as { code?: string } | undefined)?.code]).toEqual([status, code]);
  expect(answer.type).toBe("application/problem+json");
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(answer.body).toEqual({
    type: `/api/docs/problems.html#${code}`,
    title: expect.stringMatching(/^[A-Z]/),
    status,
    detail: expect.stringMatching(/\.$/),
    instance: expect.stringMatching(/^urn:lkps:gateway:\S+$/),
    code,
  });
}
