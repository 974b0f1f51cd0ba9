// The published keys of a Microsoft Entra tenant, over real HTTP: it records all requests, and
// gives faulty answers on demand. Its tokens are built by hand, so that they can be invalid in any way.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type Listening, listen } from "../../dev/listen.ts";

/** A pair of RSA keys, and what the tenant calls it. */
export interface SigningKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** What the tenant's server does instead of returning the right document. */
export type Fault = (response: ServerResponse, document: string) => void;

export interface FakeTenant {
  readonly url: string;
  readonly id: string;
  readonly issuers: { readonly v1: string; readonly v2: string };
  /** The paths asked for, in order. */
  readonly requests: string[];
  /** What is published from now on. */
  keys: unknown;
  /** By what a path ends in: `openid-configuration` or `keys`. */
  faults: Record<string, Fault | undefined>;
  /** Refuses connections, until `open`. */
  close(): Promise<void>;
  open(): Promise<void>;
}

export function makeKey(kid: string): SigningKey {
  return { kid, ...generateKeyPairSync("rsa", { modulusLength: 2048 }) };
}

/** The key set that publishes these. */
export function keySetOf(...keys: readonly SigningKey[]) {
  return {
    keys: keys.map(({ kid, publicKey }) => {
      const { kty, n, e } = publicKey.export({ format: "jwk" });
      return { kty, n, e, kid, use: "sig" };
    }),
  };
}

/** A compact JWS: text stays as it is, anything else becomes JSON; signed with RS256 unless the key says otherwise. */
export function compactJws(
  header: unknown,
  payload: unknown,
  signature: (signingInput: string) => Buffer,
): string {
  const input = [header, payload]
    .map((part) => Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${input}.${signature(input).toString("base64url")}`;
}

/** RS256, RFC 7518 section 3.3. */
export function rs256({ privateKey }: SigningKey): (signingInput: string) => Buffer {
  return (input) => sign("RSA-SHA256", Buffer.from(input), privateKey);
}

/** Starts a tenant that publishes `keys`. */
export async function startFakeTenant(id: string, ...keys: readonly SigningKey[]): Promise<FakeTenant> {
  let server: Server;
  let listening: Listening;
  const requests: string[] = [];

  const answer = (path: string, response: ServerResponse) => {
    const { url, issuers } = tenant;
    const documents: Record<string, unknown> = {
      [`/${id}/.well-known/openid-configuration`]: {
        issuer: issuers.v1,
        jwks_uri: `${url}/${id}/discovery/keys`,
      },
      [`/${id}/v2.0/.well-known/openid-configuration`]: {
        issuer: issuers.v2,
        jwks_uri: `${url}/${id}/discovery/v2.0/keys`,
      },
      [`/${id}/discovery/keys`]: tenant.keys,
      [`/${id}/discovery/v2.0/keys`]: tenant.keys,
    };
    const document = JSON.stringify(documents[path] ?? {});
    const fault = Object.entries(tenant.faults).find(([ending]) => path.endsWith(ending))?.[1];
    if (fault !== undefined) return fault(response, document);
    response.statusCode = path in documents ? 200 : 404;
    response.setHeader("content-type", "application/json").end(document);
  };
  const open = async (port: number) => {
    server = createServer((request, response) => {
      const path = request.url ?? "";
      requests.push(path);
      answer(path, response);
    });
    listening = await listen(server, port);
    return listening;
  };

  const { url, port } = await open(0);
  const tenant: FakeTenant = {
    url,
    id,
    issuers: { v1: `${url}/sts/${id}/`, v2: `${url}/${id}/v2.0` },
    requests,
    keys: keySetOf(...keys),
    faults: {},
    close: async () => {
      const closed = listening.close();
      server.closeAllConnections();
      await closed;
    },
    open: async () => void (await open(port)),
  };
  return tenant;
}
