import { expect } from "vitest";
import { AGENT } from "../support/app-registration.ts";
import type { RunningGateway } from "./gateway-process.ts";
import { startWorld, type World } from "./gateway-world.ts";
import { expectProblem } from "./problem.ts";
import { type HeaderLine, sendRaw } from "./raw-request.ts";
import { type SigningKey, startTenant, type Tenant } from "./tenant.ts";

/** A gateway whose tenant belongs to the test, which can sign any token and publish any key. */
export interface TokenWorld {
  readonly world: World;
  readonly tenant: Tenant;
  /** The one key that the tenant publishes. */
  readonly key: SigningKey;
  readonly gateway: RunningGateway;
  /** Starts a session with that token. */
  startWith(token: string, at?: RunningGateway): ReturnType<typeof sendRaw>;
  /** Checks that the gateway refuses that token, and that nothing of the request gets past it. */
  expectInvalid(token: string, at?: RunningGateway): Promise<void>;
  close(): Promise<void>;
}

export async function startTokenWorld(): Promise<TokenWorld> {
  const world = await startWorld();
  const tenant = await startTenant();
  const key = await tenant.key();
  tenant.keys = [key.published];
  const gateway = await world.start(tenant.settings);
  const startWith = (token: string, at = gateway) => {
    const headers: HeaderLine[] = [["Authorization", `Bearer ${token}`]];
    return sendRaw(at.url, "/api/session/start", { headers, body: { agent_entra_app_id: AGENT } });
  };
  return {
    world,
    tenant,
    key,
    gateway,
    startWith,
    async expectInvalid(token, at) {
      world.left.length = 0;
      const answer = await startWith(token, at);
      expectProblem(answer, "invalid_token");
      expect(answer.headers["www-authenticate"]).toBe('Bearer error="invalid_token"');
      expect(world.left).toEqual([]);
    },
    async close() {
      await tenant.close();
      await world.close();
    },
  };
}
