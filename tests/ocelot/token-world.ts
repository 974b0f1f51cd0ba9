import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import { calculateJwkThumbprint, exportJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, expect } from "vitest";
import { listen } from "../../dev/listen.ts";
import { tenantId } from "../../dev/local-defaults.ts";
import { goodClaims } from "../support/access-token.ts";
import { AGENT } from "../support/app-registration.ts";
import type { RunningGateway } from "./gateway-process.ts";
import { expectProblem, SCHEME, useWorld, type World } from "./gateway-world.ts";
import type { HeaderLine, sendRaw } from "./raw-request.ts";

/** A tenant whose keys and tokens can be made valid or invalid. */
interface Tenant {
  /** The gateway's settings for it. */
  readonly settings: Record<string, string>;
  readonly issuers: { readonly v1: string; readonly v2: string };
  /** What it publishes. */
  keys: PublishedKey[];
  answers: "keys" | "503" | "nothing";
  /** The number of requests to it. */
  asked: number;
  key(members?: Partial<PublishedKey>): Promise<SigningKey>;
  /** A token of the client with these changes; undefined removes a claim. */
  sign(key: SigningKey, claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

/** A key of it, and what it publishes of that. */
interface SigningKey {
  readonly privateKey: KeyObject;
  readonly published: PublishedKey;
}

type PublishedKey = JWK & { readonly kid: string; readonly issuer?: unknown };

/** Starts one that publishes no key yet. */
async function startTenant(): Promise<Tenant> {
  const server = createServer((request, response) => {
    tenant.asked += 1;
    if (tenant.answers === "nothing") return;
    response.writeHead(tenant.answers === "503" ? 503 : 200, { "content-type": "application/json" });
    const isKeys = request.url === "/keys";
    response.end(
      JSON.stringify(isKeys ? { keys: tenant.keys } : { issuer: issuers.v2, jwks_uri: `${url}/keys` }),
    );
  });
  const { url, close } = await listen(server, 0);
  const issuers = { v1: `${url}/sts.windows.net/${tenantId}/`, v2: `${url}/${tenantId}/v2.0` };
  const tenant: Tenant = {
    settings: {
      [`${SCHEME}Authority`]: issuers.v2,
      [`${SCHEME}ValidIssuers__0`]: issuers.v2,
      [`${SCHEME}ValidIssuers__1`]: issuers.v1,
    },
    issuers,
    keys: [],
    answers: "keys",
    asked: 0,
    async key(members = {}) {
      const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
      const jwk = await exportJWK(publicKey);
      const kid = await calculateJwkThumbprint(jwk);
      return { privateKey, published: { use: "sig", ...jwk, kid, ...members } };
    },
    sign({ privateKey, published: { kid } }, claims, header) {
      return new SignJWT({ ...goodClaims(issuers.v2), ...claims } as JWTPayload)
        .setProtectedHeader({ typ: "JWT", alg: "RS256", kid, ...header })
        .sign(privateKey, { crit: { "urn:x": true } });
    },
    close,
  };
  return tenant;
}

/** A gateway whose tenant belongs to the test, which can sign any token and publish any key. */
export interface TokenWorld extends World {
  readonly tenant: Tenant;
  /** The one key that the tenant publishes. */
  readonly key: SigningKey;
  /** The gateway that trusts the tenant. */
  readonly trusting: RunningGateway;
  /** Starts a session with that token. */
  startWith(token: string, at?: RunningGateway): ReturnType<typeof sendRaw>;
  /** Checks that the gateway refuses that token, and that nothing of the request gets past it. */
  expectInvalid(token: string, at?: RunningGateway): Promise<void>;
}

/** The world of the tests of this suite. */
export function useTokenWorld(): TokenWorld {
  const world = useWorld() as TokenWorld;
  beforeAll(async () => {
    const tenant = await startTenant();
    const key = await tenant.key();
    tenant.keys = [key.published];
    const trusting = await world.start(tenant.settings);
    const startWith = (token: string, at = trusting) => {
      const headers: HeaderLine[] = [["Authorization", `Bearer ${token}`]];
      return world.call("/api/session/start", { headers, body: { agent_entra_app_id: AGENT } }, at.url);
    };
    Object.assign(world, {
      tenant,
      key,
      trusting,
      startWith,
      async expectInvalid(token: string, at?: RunningGateway) {
        world.left.length = 0;
        const answer = await startWith(token, at);
        expectProblem(answer, "invalid_token");
        expect(answer.headers["www-authenticate"]).toBe('Bearer error="invalid_token"');
        expect(world.left).toEqual([]);
      },
    });
  });
  afterAll(() => world.tenant?.close());
  return world;
}
