import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import { calculateJwkThumbprint, exportJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import { listen } from "../../dev/listen.ts";
import { tenantId } from "../../dev/local-defaults.ts";
import { goodClaims } from "./bearer.ts";

/** A tenant whose keys and tokens can be made valid or invalid. */
export interface Tenant {
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
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly published: PublishedKey;
}

type PublishedKey = JWK & { readonly kid: string; readonly issuer?: unknown };

/** Starts one that publishes no key yet. */
export async function startTenant(): Promise<Tenant> {
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
  const scheme = "Authentication__Schemes__Bearer__";
  const tenant: Tenant = {
    settings: {
      [`${scheme}Authority`]: issuers.v2,
      [`${scheme}ValidIssuers__0`]: issuers.v2,
      [`${scheme}ValidIssuers__1`]: issuers.v1,
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
