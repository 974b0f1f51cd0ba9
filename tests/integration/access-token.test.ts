import { constants, createHmac, generateKeyPairSync, sign } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { HttpRequest } from "@azure/functions";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createAccessTokenVerifier } from "../../src/adapters/entra/access-token-verifier.ts";
import { systemClock } from "../../src/adapters.ts";
import { callerFromAccessToken } from "../../src/http/caller.ts";
import { Problem } from "../../src/http/problem.ts";
import { CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import {
  compactJws,
  type Fault,
  keySetOf,
  makeKey,
  rs256,
  type SigningKey,
  startFakeTenant,
} from "../support/fake-tenant.ts";

const NOW = 1_795_510_800;
const AUDIENCE = "api://lkps";
const OTHER_AUDIENCE = "10c50000-0000-4000-8000-000000000001";
const TIMEOUT_MS = 5_000;
const COOL_DOWN_MS = 30_000;
const AN_HOUR_MS = 3_600_000;

const tenantKey = makeKey("the-tenant's");
const nextKey = makeKey("the-tenant's-next");
const attackersKey = makeKey("the-attacker's");
const tenant = await startFakeTenant("7e4a4700-0000-4000-8000-000000000002", tenantKey);
/** A valid tenant that is not ours; LKPS must never call it. */
const stranger = await startFakeTenant("57a46e40-0000-4000-8000-000000000003", attackersKey);

/** How far the monotonic clock is ahead of the real one, in milliseconds. */
let ahead: number;

/** The wall clock is frozen, time limits pass only by {@link hang}, and the monotonic clock can jump. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: NOW * 1_000 });
  ahead = 0;
  const elapsed = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => elapsed() + ahead);
  tenant.keys = keySetOf(tenantKey);
  tenant.faults = {};
  tenant.requests.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});
afterAll(() => Promise.all([tenant.close(), stranger.close()]));

function newVerifier() {
  const { url: authorityHost, id: tenantId } = tenant;
  const audiences = [OTHER_AUDIENCE, AUDIENCE];
  return createAccessTokenVerifier(
    { authorityHost, tenantId, audiences, timeoutMs: TIMEOUT_MS },
    systemClock,
  );
}

/** Lets the time limit pass, once what was sent before has arrived. */
async function hang(): Promise<void> {
  await sleep(20);
  vi.advanceTimersByTime(TIMEOUT_MS);
}

const newIdentify = () => callerFromAccessToken(newVerifier().verify);

/** The caller of a request with that header, or the response's problem. */
async function ask(identify: ReturnType<typeof newIdentify>, authorization: string | undefined) {
  const headers = authorization === undefined ? {} : { authorization };
  const request = new HttpRequest({ method: "POST", url: "http://localhost/api/session/start", headers });
  const caller = await identify(request);
  if (!(caller instanceof Problem)) return caller.clientId;
  const { status, headers: answered, body } = caller.toResponse("the-invocation");
  const challenge = new Headers(answered as Record<string, string>).get("www-authenticate");
  return { status, challenge, code: JSON.parse(String(body)).code };
}

const INVALID = { status: 401, challenge: 'Bearer error="invalid_token"', code: "invalid_token" };

const times = { iat: NOW, nbf: NOW, exp: NOW + 3_600 };
const v2Claims = { ver: "2.0", iss: tenant.issuers.v2, aud: AUDIENCE, azp: CLIENT, azpacr: "1", ...times };
const v1Claims = {
  ver: "1.0",
  iss: tenant.issuers.v1,
  aud: AUDIENCE,
  appid: CLIENT,
  appidacr: "1",
  ...times,
};
const rs256Header = { typ: "JWT", alg: "RS256", kid: tenantKey.kid };

/** A valid v2 token, except for these claims; undefined ones are left out. */
const v2 = (claims: Record<string, unknown> = {}, key: SigningKey = tenantKey) =>
  compactJws({ ...rs256Header, kid: key.kid }, { ...v2Claims, ...claims }, rs256(key));
const v1 = (claims: Record<string, unknown> = {}) =>
  compactJws(rs256Header, { ...v1Claims, ...claims }, rs256(tenantKey));
/** A v2 token with valid claims and this header, signed with RS256 unless specified otherwise. */
const withHeader = (
  header: Record<string, unknown>,
  signature: (input: string) => Buffer = rs256(tenantKey),
): string => compactJws({ ...rs256Header, ...header }, v2Claims, signature);
const withPayload = (payload: unknown) => compactJws(rs256Header, payload, rs256(tenantKey));

const good = v2();
const [goodHeader, goodPayload, goodSignature] = good.split(".") as [string, string, string];
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("the caller is the application that the token was issued to", () => {
  const user = { oid: "05e40000-0000-4000-8000-000000000004", scp: "start", name: "Ada" };
  test.each([
    ["a v2 token of an application", v2({ idtyp: "app", roles: [] })],
    ["a v2 token of a user", v2(user)],
    ["a v1 token of an application", v1({ idtyp: "app" })],
    ["a v1 token of a user", v1(user)],
    ["one for the other audience", v2({ aud: OTHER_AUDIENCE })],
    ["azp in capitals", v2({ azp: CLIENT.toUpperCase() })],
    ["appid in capitals", v1({ appid: CLIENT.toUpperCase() })],
    ["one that expired within the skew", v2({ exp: NOW - 59 })],
    ["one that is not valid before the end of the skew", v2({ nbf: NOW + 60 })],
    ["a v2 token that names another appid besides", v2({ appid: OTHER_CLIENT })],
    ["a v1 token that names another azp besides", v1({ azp: OTHER_CLIENT })],
    ["one without typ", withHeader({ typ: undefined })],
    ["one with x5t beside its key id, as v1 tokens have", withHeader({ x5t: tenantKey.kid })],
  ])("%s", async (_, accessToken) => {
    expect(await ask(newIdentify(), `Bearer ${accessToken}`)).toBe(CLIENT);
    expect(tenant.requests).toHaveLength(2);
  });

  test("an unusable key beside the tenant's key does no harm", async () => {
    const ellipticCurve = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    const { keys } = keySetOf(tenantKey);
    tenant.keys = { keys: [{ ...ellipticCurve.export({ format: "jwk" }), kid: "another" }, ...keys, {}] };
    expect(await ask(newIdentify(), `Bearer ${good}`)).toBe(CLIENT);
  });
});

describe("a token is an application's own", () => {
  const notOwn = [
    ["scp", { scp: "start" }],
    ["an empty scp", { scp: "" }],
    ["scp that is null", { scp: null }],
    ["scp beside idtyp app", { scp: "start", idtyp: "app" }],
    ["idtyp user", { idtyp: "user" }],
    ["idtyp device", { idtyp: "device" }],
    ["idtyp App", { idtyp: "App" }],
    ["an empty idtyp", { idtyp: "" }],
    ["idtyp that is null", { idtyp: null }],
    ["a list of idtyp", { idtyp: ["app"] }],
  ] as const;
  test.each<[string, Record<string, unknown>, boolean]>([
    ["with neither scp nor idtyp", {}, true],
    ["with idtyp app", { idtyp: "app" }, true],
    ["with roles", { roles: ["start"], oid: CLIENT, sub: CLIENT }, true],
    ...notOwn.map(([name, claims]): [string, object & Record<string, unknown>, boolean] => [
      `but for ${name}`,
      claims,
      false,
    ]),
  ])("%s", async (_, claims, isApplicationToken) => {
    for (const accessToken of [v2(claims), v1(claims)])
      expect(await newVerifier().verify(accessToken)).toMatchObject({ clientId: CLIENT, isApplicationToken });
  });
});

describe("a token names the scopes and the object that it was issued for", () => {
  const OID = "0b1ec700-0000-4000-8000-000000000001";
  test.each<[string, Record<string, unknown>, readonly string[], string | undefined]>([
    ["a user's", { scp: "access_as_user", oid: OID }, ["access_as_user"], OID],
    ["several scopes", { scp: "a access_as_user", oid: OID }, ["a", "access_as_user"], OID],
    ["an id in capitals", { oid: OID.toUpperCase() }, [], OID],
    ["neither", {}, [], undefined],
    ["a list of scopes", { scp: ["access_as_user"] }, [], undefined],
    ["an id that is no GUID", { oid: `${OID}0` }, [], undefined],
    ["a list of ids", { oid: [OID] }, [], undefined],
  ])("%s", async (_, claims, scopes, objectId) => {
    for (const accessToken of [v2(claims), v1(claims)])
      expect(await newVerifier().verify(accessToken)).toMatchObject({ scopes, objectId });
  });
});

describe("a token is valid from nbf minus 60 s until exp plus 60 s, to the millisecond", () => {
  test.each<[string, number, Record<string, unknown>, boolean]>([
    ["before nbf", -60_001, { nbf: NOW }, false],
    ["at nbf", -60_000, { nbf: NOW }, true],
    ["before exp", 59_999, { exp: NOW }, true],
    ["at exp", 60_000, { exp: NOW }, false],
  ])("%s", async (_, offsetMs, claims, counts) => {
    const accessToken = v2({ iat: undefined, nbf: undefined, ...claims });
    vi.setSystemTime(NOW * 1_000 + offsetMs);
    expect((await newVerifier().verify(accessToken))?.clientId).toBe(counts ? CLIENT : undefined);
  });
});

const pem = tenantKey.publicKey.export({ format: "pem", type: "spki" });
const der = tenantKey.publicKey.export({ format: "der", type: "spki" });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const hs256 = (secret: string | Buffer) => (input: string) =>
  createHmac("sha256", secret).update(input).digest();
const nothing = () => Buffer.alloc(0);
const jwkOf = ({ publicKey, kid }: SigningKey) => ({ ...publicKey.export({ format: "jwk" }), kid });
const attackersJwk = jwkOf(attackersKey);
const { privateKey: tenantsPrivate } = tenantKey;
const pss = (input: string) =>
  sign("RSA-SHA256", Buffer.from(input), {
    key: tenantsPrivate,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32,
  });
const without = (name: string) => ({ [name]: undefined });
const strangersKeys = `${stranger.url}/${stranger.id}/discovery/v2.0/keys`;
const unencoded = base64url({ ...rs256Header, crit: ["b64"], b64: false });
const withClaims = (claims: Record<string, unknown>) => `Bearer ${v2(claims)}`;
const signed = (header: Record<string, unknown>, signature?: (input: string) => Buffer) =>
  `Bearer ${withHeader(header, signature)}`;

// Members that are of any other type, empty, or a name of JavaScript's own: mangled-access-token.test.ts.
// Headers that hold no token: caller.test.ts.
const badOnes: [string, string][] = [
  ["the scheme alone", "Bearer"],
  ["the scheme of bound tokens", `DPoP ${good}`],
  ["no scheme", good],
  ["a scheme with a colon", `Bearer: ${good}`],
  ["a tab behind the scheme", `Bearer\t${good}`],
  ["quotes", `Bearer "${good}"`],
  ["two tokens joined by a comma, the scheme once", `Bearer ${good},${good}`],
  ["two tokens joined by a space", `Bearer ${good} ${good}`],
  ["a parameter behind it", `Bearer ${good}; v=1`],
  ["a space inside", `Bearer ${goodHeader}. ${goodPayload}.${goodSignature}`],

  ["a word", "Bearer abc"],
  ["two parts", `Bearer ${goodHeader}.${goodPayload}`],
  ["four parts", `Bearer ${good}.${goodSignature}`],
  ["five parts, as an encrypted one", `Bearer ${goodHeader}..${goodPayload}.${goodSignature}.AAAA`],
  ["dots", "Bearer .."],
  ["a megabyte of a letter", `Bearer ${"A".repeat(1_048_576)}`],
  ["a megabyte of dots", `Bearer ${".".repeat(1_048_576)}`],
  ["a megabyte of claims", withClaims({ padding: "A".repeat(1_048_576), iss: stranger.issuers.v2 })],
  ["a payload that is not JSON", `Bearer ${withPayload("claims")}`],
  ["a payload that is null", `Bearer ${withPayload(null)}`],
  ["a payload that is a list", `Bearer ${withPayload([v2Claims])}`],
  ["a payload of broken UTF-8", `Bearer ${goodHeader}._w.${goodSignature}`],
  ["a token in a token", `Bearer ${compactJws({ ...rs256Header, cty: "JWT" }, good, rs256(tenantKey))}`],
  ["a header that is not JSON", `Bearer ${compactJws("header", v2Claims, rs256(tenantKey))}`],
  ["a header that is a list", `Bearer ${compactJws([rs256Header], v2Claims, rs256(tenantKey))}`],

  ["HS256 with the public key's PEM", signed({ alg: "HS256" }, hs256(String(pem)))],
  ["HS256 with the public key's PEM, trimmed", signed({ alg: "HS256" }, hs256(String(pem).trim()))],
  ["HS256 with the public key's DER", signed({ alg: "HS256" }, hs256(der))],
  ["HS256 with the public key's JWK", signed({ alg: "HS256" }, hs256(JSON.stringify(jwkOf(tenantKey))))],
  ["HS256 with no key", signed({ alg: "HS256" }, hs256(""))],
  ["algorithm none", signed({ alg: "none" }, nothing)],
  ["algorithm none with a signature", signed({ alg: "none" })],
  ["algorithm NONE", signed({ alg: "NONE" }, nothing)],
  ["algorithm none and no key", signed({ alg: "none", kid: undefined }, nothing)],
  ["algorithm rs256", signed({ alg: "rs256" })],
  ["no algorithm", signed({ alg: undefined })],
  ["RS384", signed({ alg: "RS384" }, (input) => sign("RSA-SHA384", Buffer.from(input), tenantsPrivate))],
  ["RS512", signed({ alg: "RS512" }, (input) => sign("RSA-SHA512", Buffer.from(input), tenantsPrivate))],
  ["PS256 by the tenant's key", signed({ alg: "PS256" }, pss)],
  ["RS256 that is PS256", signed({}, pss)],
  ["RS256 over SHA-1", signed({}, (input) => sign("RSA-SHA1", Buffer.from(input), tenantsPrivate))],
  [
    "ES256",
    signed({ alg: "ES256" }, (input) =>
      sign("sha256", Buffer.from(input), { key: ec.privateKey, dsaEncoding: "ieee-p1363" }),
    ),
  ],

  ["an unknown key", `Bearer ${v2({}, attackersKey)}`],
  ["the right key's id, another key", signed({}, rs256(attackersKey))],
  ["no key id", signed({ kid: undefined })],
  ["a key id that is a list", signed({ kid: [tenantKey.kid] })],
  ["a key id with a NUL byte behind it", signed({ kid: `${tenantKey.kid}\0` })],
  ["a key id that is a path", signed({ kid: "../../../../dev/null" }, rs256(attackersKey))],
  ["its own key", signed({ kid: attackersKey.kid, jwk: attackersJwk }, rs256(attackersKey))],
  ["its own key under the right key's id", signed({ jwk: attackersJwk }, rs256(attackersKey))],
  ["its own key set's address", signed({ kid: attackersKey.kid, jku: strangersKeys }, rs256(attackersKey))],
  ["its own key set's address, the right key's id", signed({ jku: strangersKeys }, rs256(attackersKey))],
  ["its own certificate's address", signed({ x5u: strangersKeys }, rs256(attackersKey))],
  ["its own certificate", signed({ x5c: [der.toString("base64")] }, rs256(attackersKey))],

  ["another tenant's issuer", withClaims({ iss: stranger.issuers.v2 })],
  ["another tenant's token", `Bearer ${v2({ iss: stranger.issuers.v2 }, attackersKey)}`],
  ["the v1 issuer in a v2 token", withClaims({ iss: tenant.issuers.v1 })],
  ["the v2 issuer in a v1 token", `Bearer ${v1({ iss: tenant.issuers.v2 })}`],
  ["the v2 issuer with a slash behind it", withClaims({ iss: `${tenant.issuers.v2}/` })],
  ["the v1 issuer without its slash", `Bearer ${v1({ iss: tenant.issuers.v1.slice(0, -1) })}`],
  ["the issuer in capitals", withClaims({ iss: tenant.issuers.v2.toUpperCase() })],
  ["the issuer of any tenant", withClaims({ iss: `${tenant.url}/{tenantid}/v2.0` })],
  ["a list of issuers", withClaims({ iss: [tenant.issuers.v2] })],
  ["no issuer", withClaims(without("iss"))],

  ["another audience", withClaims({ aud: "https://graph.microsoft.com" })],
  ["two audiences", withClaims({ aud: [AUDIENCE, "https://graph.microsoft.com"] })],
  ["both of our audiences", withClaims({ aud: [AUDIENCE, OTHER_AUDIENCE] })],
  ["a list of one audience", withClaims({ aud: [AUDIENCE] })],
  ["two audiences in one", withClaims({ aud: `${AUDIENCE},${OTHER_AUDIENCE}` })],
  ["the audience with a slash behind it", withClaims({ aud: `${AUDIENCE}/` })],
  ["the audience in capitals", withClaims({ aud: AUDIENCE.toUpperCase() })],
  ["an audience that is an object", withClaims({ aud: { [AUDIENCE]: AUDIENCE } })],
  ["no audience", withClaims(without("aud"))],

  ["one that expired 60 s ago", withClaims({ exp: NOW - 60 })],
  ["one that expired yesterday", withClaims({ exp: NOW - 86_400 })],
  ["no exp", withClaims(without("exp"))],
  ["exp as text", withClaims({ exp: String(NOW + 3_600) })],
  ["exp of infinity as text", withClaims({ exp: "Infinity" })],
  ["one that is valid from in 61 s", withClaims({ nbf: NOW + 61 })],
  ["one that is valid from tomorrow", withClaims({ nbf: NOW + 86_400 })],
  ["nbf as text", withClaims({ nbf: String(NOW) })],

  ["no azp, as in an ID token", withClaims(without("azp"))],
  ["azp of two ids", withClaims({ azp: `${CLIENT},${OTHER_CLIENT}` })],
  ["azp of two ids and a space", withClaims({ azp: `${CLIENT} ${OTHER_CLIENT}` })],
  ["azp that is a list", withClaims({ azp: [CLIENT] })],
  ["azp that is an object", withClaims({ azp: { id: CLIENT } })],
  ["azp that is a name", withClaims({ azp: "my-frontend" })],
  ["azp in braces", withClaims({ azp: `{${CLIENT}}` })],
  ["azp with a NUL byte behind it", withClaims({ azp: `${CLIENT}\0` })],
  ["azp with a line end behind it", withClaims({ azp: `${CLIENT}\n` })],
  [
    "azp that only __proto__ has",
    `Bearer ${withPayload(JSON.stringify({ ...v2Claims, azp: undefined, PROTO: { azp: CLIENT } }).replace("PROTO", "__proto__"))}`,
  ],
  ["appid in a v2 token without azp", withClaims({ azp: undefined, appid: CLIENT })],
  ["azp in a v1 token without appid", `Bearer ${v1({ appid: undefined, azp: CLIENT })}`],
  ["client_id in place of azp", withClaims({ azp: undefined, client_id: CLIENT })],
  ["no appid in a v1 token", `Bearer ${v1(without("appid"))}`],
  ["appid of two ids in a v1 token", `Bearer ${v1({ appid: `${CLIENT},${OTHER_CLIENT}` })}`],

  ["cnf of a bound token", withClaims({ cnf: { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } })],
  ["cnf that is null", withClaims({ cnf: null })],
  ["cnf that is empty", withClaims({ cnf: {} })],
  ["cnf that is false", withClaims({ cnf: false })],
  ["cnf in a v1 token", `Bearer ${v1({ cnf: { kid: "k" } })}`],

  ["no version", withClaims(without("ver"))],
  ["version 3.0", withClaims({ ver: "3.0" })],
  ["version 2.0 as a number", withClaims({ ver: 2 })],
  ["a list of versions", withClaims({ ver: ["2.0"] })],
  ["version 2.0 with a space", withClaims({ ver: "2.0 " })],
  ["version 1.0 in a v2 token", withClaims({ ver: "1.0" })],

  ["a critical member that is unknown", signed({ crit: ["exp"], exp: NOW + 3_600 })],
  ["an unknown critical member", signed({ crit: ["lkps"], lkps: true })],
  ["critical members as text", signed({ crit: "b64", b64: true })],
  ["a payload that is not base64", signed({ crit: ["b64"], b64: false })],
  [
    "a payload that is not base64, signed so",
    `Bearer ${unencoded}.${goodPayload}.${rs256(tenantKey)(`${unencoded}.${JSON.stringify(v2Claims)}`).toString("base64url")}`,
  ],

  ["a truncated signature", `Bearer ${good.slice(0, -8)}`],
  ["a signature of another token", `Bearer ${goodHeader}.${goodPayload}.${v1().split(".")[2]}`],
  ["a signature of zeros", `Bearer ${goodHeader}.${goodPayload}.${Buffer.alloc(256).toString("base64url")}`],
  ["a longer signature", `Bearer ${good}AAAA`],
  ["a signature in the other alphabet", `Bearer ${goodHeader}.${goodPayload}.${"+/".repeat(171)}`],
  ["a padded payload", `Bearer ${goodHeader}.${goodPayload}=.${goodSignature}`],
  [
    "another client",
    `Bearer ${goodHeader}.${base64url({ ...v2Claims, azp: OTHER_CLIENT })}.${goodSignature}`,
  ],
  ["a new header", `Bearer ${base64url({ ...rs256Header, typ: "at+jwt" })}.${goodPayload}.${goodSignature}`],
  ["no header part", `Bearer .${goodPayload}.${goodSignature}`],
  ["no payload part", `Bearer ${goodHeader}..${goodSignature}`],
];

test("a missing header is not an invalid token: the caller is not identified", async () => {
  const unidentified = { status: 401, challenge: "Bearer", code: "caller_unidentified" };
  expect(await ask(newIdentify(), undefined)).toEqual(unidentified);
});

describe(`each of ${badOnes.length} bad tokens is 401 invalid_token`, () => {
  const fetched = [
    [`/${tenant.id}/.well-known/openid-configuration`, `/${tenant.id}/discovery/keys`],
    [`/${tenant.id}/v2.0/.well-known/openid-configuration`, `/${tenant.id}/discovery/v2.0/keys`],
  ];

  test.each(badOnes)("%s", async (_, authorization) => {
    const asked = vi.spyOn(globalThis, "fetch");
    expect(await ask(newIdentify(), authorization)).toEqual(INVALID);
    // Nothing, or the metadata and keys of one version: nothing else leaves, and nobody else is asked.
    expect([[], ...fetched]).toContainEqual(tenant.requests);
    expect(asked).toHaveBeenCalledTimes(tenant.requests.length);
    expect(stranger.requests).toEqual([]);
  });

  test("and all of them together cause one more fetch of the keys", async () => {
    const identify = newIdentify();
    for (const token of [v1(), good]) expect(await ask(identify, `Bearer ${token}`)).toBe(CLIENT);
    for (const [, authorization] of badOnes) expect(await ask(identify, authorization)).toEqual(INVALID);
    // An unknown key id may belong to a new key of the tenant: it is fetched at most once per cooldown.
    expect(tenant.requests).toEqual([...fetched.flat(), ...V2_FETCH]);
    expect(await ask(identify, `Bearer ${good}`)).toBe(CLIENT);
  });

  test("a valid token with any letter changed is invalid", async () => {
    const identify = newIdentify();
    // The last letter of a signature carries two bits only.
    for (let at = 0; at < good.length - 1; at += 1) {
      const letter = good.charAt(at);
      const changed = `${good.slice(0, at)}${letter === "A" ? "B" : "A"}${good.slice(at + 1)}`;
      expect(await ask(identify, `Bearer ${changed}`), `letter ${at}`).toEqual(INVALID);
    }
  });
});

/** What a fetch of the v2 documents requests. */
const V2_FETCH = [`/${tenant.id}/v2.0/.well-known/openid-configuration`, `/${tenant.id}/discovery/v2.0/keys`];
const byNextKey = v2({}, nextKey);

/** A verifier with the tenant's keys. */
async function warmIdentify() {
  const identify = newIdentify();
  expect(await ask(identify, `Bearer ${good}`)).toBe(CLIENT);
  tenant.requests.length = 0;
  return identify;
}

describe("the tenant's keys", () => {
  test("are fetched once for requests at the same time", async () => {
    const identify = newIdentify();
    const callers = await Promise.all(Array.from({ length: 50 }, () => ask(identify, `Bearer ${good}`)));
    expect(new Set(callers)).toEqual(new Set([CLIENT]));
    expect(tenant.requests).toEqual(V2_FETCH);
  });

  test("are used for an hour, and stay in use while they are refreshed", async () => {
    const identify = await warmIdentify();
    ahead += AN_HOUR_MS - 5_000;
    expect(await ask(identify, `Bearer ${good}`)).toBe(CLIENT);
    expect(tenant.requests).toEqual([]);
    ahead += 5_000;
    tenant.faults = { "openid-configuration": hang };
    expect(await ask(identify, `Bearer ${good}`)).toBe(CLIENT);
    expect(tenant.requests).toHaveLength(1);
  });

  test("that were withdrawn are dropped within an hour", async () => {
    const identify = await warmIdentify();
    tenant.keys = keySetOf(nextKey);
    ahead += AN_HOUR_MS + 1;
    expect(await ask(identify, `Bearer ${good}`)).toEqual(INVALID);
    expect(await ask(identify, `Bearer ${byNextKey}`)).toBe(CLIENT);
    expect(tenant.requests).toEqual(V2_FETCH);
  });

  test("that are new are used without a restart, the first time at once", async () => {
    const identify = await warmIdentify();
    tenant.keys = keySetOf(tenantKey, nextKey);
    expect(await ask(identify, `Bearer ${byNextKey}`)).toBe(CLIENT);
    expect(tenant.requests).toEqual(V2_FETCH);
  });

  test("that are new are used once the cooldown after an unknown key id is over", async () => {
    const identify = await warmIdentify();
    expect(await ask(identify, `Bearer ${byNextKey}`)).toEqual(INVALID);
    tenant.requests.length = 0;
    tenant.keys = keySetOf(tenantKey, nextKey);
    ahead += COOL_DOWN_MS - 5_000;
    expect(await ask(identify, `Bearer ${byNextKey}`)).toEqual(INVALID);
    expect(tenant.requests).toEqual([]);
    ahead += 5_001;
    expect(await ask(identify, `Bearer ${byNextKey}`)).toBe(CLIENT);
    expect(await ask(identify, `Bearer ${good}`)).toBe(CLIENT);
    expect(tenant.requests).toEqual(V2_FETCH);
  });

  test("that are new are used by all requests that wait for the same fetch", async () => {
    const identify = await warmIdentify();
    tenant.keys = keySetOf(nextKey);
    ahead += COOL_DOWN_MS + 1;
    const callers = await Promise.all(Array.from({ length: 50 }, () => ask(identify, `Bearer ${byNextKey}`)));
    expect(new Set(callers)).toEqual(new Set([CLIENT]));
    expect(tenant.requests).toEqual(V2_FETCH);
  });

  test("are fetched once for many unknown key ids at the same time", async () => {
    const identify = await warmIdentify();
    ahead += COOL_DOWN_MS + 1;
    const madeUp = Array.from({ length: 50 }, (_, n) => v2({}, { ...attackersKey, kid: `made-up-${n}` }));
    const callers = await Promise.all(madeUp.map((accessToken) => ask(identify, `Bearer ${accessToken}`)));
    expect(callers).toEqual(madeUp.map(() => INVALID));
    expect(tenant.requests).toEqual(V2_FETCH);
  });

  test("that are cached are used at once while an unknown key id waits for a server that hangs", async () => {
    const identify = await warmIdentify();
    ahead += COOL_DOWN_MS + 1;
    tenant.faults = { keys: () => {} };
    let isAnswered = false;
    const unknown = ask(identify, `Bearer ${byNextKey}`).finally(() => {
      isAnswered = true;
    });
    expect(await ask(identify, `Bearer ${good}`)).toBe(CLIENT);
    expect(isAnswered).toBe(false);
    vi.advanceTimersByTime(TIMEOUT_MS);
    expect(await unknown).toEqual(INVALID);
  });
});

const json =
  (body: unknown): Fault =>
  (response) =>
    void response.setHeader("content-type", "application/json").end(JSON.stringify(body));
/** The right document with a different status. */
const status =
  (statusCode: number): Fault =>
  (response, document) =>
    void response.writeHead(statusCode).end(document);
const [tenantsJwk] = keySetOf(tenantKey).keys;
const shortJwk = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
const anyDocument: [string, Fault][] = [
  ["is reset", (response) => void response.socket?.destroy()],
  ["hangs", hang],
  [
    "hangs behind its headers",
    (response) => {
      response.flushHeaders();
      hang();
    },
  ],
  [
    "hangs in the middle",
    (response) => {
      response.write('{"issuer":');
      hang();
    },
  ],
  [
    "breaks off",
    (response) => void response.writeHead(200, { "content-length": 99 }).write("{", () => response.destroy()),
  ],
  ["is 203", status(203)],
  ["is 401", status(401)],
  ["is 404", status(404)],
  ["is 500", status(500)],
  ["is elsewhere", (response) => void response.writeHead(302, { location: strangersKeys }).end()],
  ["is empty", (response) => void response.end()],
  ["is HTML", (response) => void response.end("<html>Down for maintenance</html>")],
  ["is null", json(null)],
  ["is a number", json(7)],
  ["is a list", json([])],
  ["is an empty object", json({})],
  [
    "is over a megabyte",
    json({
      padding: "A".repeat(1_048_577),
      issuer: tenant.issuers.v2,
      ...keySetOf(tenantKey),
      jwks_uri: strangersKeys,
    }),
  ],
];
const faults: [string, string, Fault][] = [
  ...["openid-configuration", "keys"].flatMap((document) =>
    anyDocument.map(([name, fault]): [string, string, Fault] => [document, name, fault]),
  ),
  ["openid-configuration", "has no issuer", json({ jwks_uri: `${tenant.url}/${tenant.id}/discovery/keys` })],
  ["openid-configuration", "names no keys", json({ issuer: tenant.issuers.v2 })],
  ["openid-configuration", "names keys by no address", json({ issuer: tenant.issuers.v2, jwks_uri: "keys" })],
  ["keys", "has null for keys", json({ keys: null })],
  ["keys", "has a list of no keys", json({ keys: [null] })],
  ["keys", "has an object for keys", json({ keys: { 0: tenantsJwk } })],
];

describe("if the tenant's keys are not available", () => {
  test.each(faults)(
    "%s %s: 503 within the time limit, and the next request is normal",
    async (document, _, fault) => {
      const identify = newIdentify();
      tenant.faults = { [document]: fault };
      await expect(ask(identify, `Bearer ${good}`)).rejects.toMatchObject({
        name: "DependencyError",
        code: "directory_unavailable",
        message: "The tenant's signing keys are not available",
        cause: expect.any(Error),
      });
      tenant.faults = {};
      expect(await ask(identify, `Bearer ${good}`)).toBe(CLIENT);
      expect(stranger.requests).toEqual([]);
    },
  );

  test.each(faults)("%s %s: cached keys are used, and an unknown one is 401", async (document, _, fault) => {
    const identify = await warmIdentify();
    tenant.faults = { [document]: fault };
    ahead += COOL_DOWN_MS + 1;
    expect(await ask(identify, `Bearer ${byNextKey}`)).toEqual(INVALID);
    expect(await ask(identify, `Bearer ${good}`)).toBe(CLIENT);
    tenant.faults = {};
    tenant.keys = keySetOf(tenantKey, nextKey);
    ahead += COOL_DOWN_MS + 1;
    expect(await ask(identify, `Bearer ${byNextKey}`)).toBe(CLIENT);
    expect(stranger.requests).toEqual([]);
  });

  test("because connections are refused: 503, and the next request once they are not is normal", async () => {
    const identify = newIdentify();
    await tenant.close();
    try {
      await expect(ask(identify, `Bearer ${good}`)).rejects.toMatchObject({ code: "directory_unavailable" });
      expect(await ask(identify, "Bearer not.a.token")).toEqual(INVALID);
    } finally {
      await tenant.open();
    }
    expect(await ask(identify, `Bearer ${good}`)).toBe(CLIENT);
  });

  test("a token that can't be valid is still 401, and causes no fetch", async () => {
    tenant.faults = { "openid-configuration": status(500) };
    const identify = newIdentify();
    for (const hopeless of [
      withHeader({ alg: "HS256" }, hs256("")),
      withHeader({ kid: 7 }),
      v2({ ver: "3.0" }),
    ]) {
      expect(await ask(identify, `Bearer ${hopeless}`)).toEqual(INVALID);
    }
    expect(tenant.requests).toEqual([]);
  });

  describe("because none of them is usable", () => {
    test.each([
      ["no key", []],
      ["a key without a modulus", [{ ...tenantsJwk, n: undefined }]],
      ["a key without an exponent", [{ ...tenantsJwk, e: undefined }]],
      ["a secret key", [{ kty: "oct", kid: tenantKey.kid, k: "AAAA" }]],
      ["a private key", [{ ...tenantKey.privateKey.export({ format: "jwk" }), kid: tenantKey.kid }]],
      ["a key for encryption", [{ ...tenantsJwk, use: "enc" }]],
      ["a key that only signs", [{ ...tenantsJwk, key_ops: ["sign"] }]],
      ["a key for another algorithm", [{ ...tenantsJwk, alg: "RS512" }]],
      ["a key of 1,024 bits", [{ ...shortJwk, kid: tenantKey.kid }]],
    ])("%s: 503, and cached keys stay in use", async (_, keys) => {
      const [cold, warm] = [newIdentify(), await warmIdentify()];
      tenant.keys = { keys };
      await expect(ask(cold, `Bearer ${good}`)).rejects.toMatchObject({ code: "directory_unavailable" });
      ahead += COOL_DOWN_MS + 1;
      expect(await ask(warm, `Bearer ${byNextKey}`)).toEqual(INVALID);
      expect(await ask(warm, `Bearer ${good}`)).toBe(CLIENT);
    });
  });
});
