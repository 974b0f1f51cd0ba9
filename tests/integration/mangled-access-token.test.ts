import * as fc from "fast-check";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { createAccessTokenVerifier } from "../../src/adapters/entra/access-token-verifier.ts";
import { systemClock } from "../../src/adapters.ts";
import { CLIENT } from "../support/app-registration.ts";
import { compactJws, makeKey, rs256, startFakeTenant } from "../support/fake-tenant.ts";

const AUDIENCE = "api://lkps";
const key = makeKey("the-tenant's");
const tenant = await startFakeTenant("7e4a4700-0000-4000-8000-00000000000b", key);
const verifierFor = (audiences: readonly string[]) =>
  createAccessTokenVerifier(
    { authorityHost: tenant.url, tenantId: tenant.id, audiences, timeoutMs: 5_000 },
    systemClock,
  );
const { verify } = verifierFor([AUDIENCE]);
const header = { typ: "JWT", alg: "RS256", kid: key.kid };
const claims = {
  ver: "2.0",
  iss: tenant.issuers.v2,
  aud: AUDIENCE,
  azp: CLIENT,
  exp: Math.floor(Date.now() / 1_000) + 3_600,
};
const sign = (head: unknown, body: unknown) => compactJws(head, body, rs256(key));
const good = sign(header, claims);

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});
afterAll(() => tenant.close());

/** Any value of JSON, and some that mean something elsewhere. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "none",
    "HS256",
    "b64",
    ["b64"],
    [""],
    [null],
    {},
    [],
    "",
    1e308,
  ),
);
/** Sets one member to a value that makes the token invalid. */
const spoilt = (of: Record<string, unknown>, names: readonly string[]) =>
  fc
    .tuple(fc.constantFrom(...names), anything)
    .filter(([name, value]) => value !== of[name])
    .map(([name, value]) =>
      JSON.stringify({ ...of, PROTO: {}, [name]: value }).replace("PROTO", "__proto__"),
    );
const letters = good.lastIndexOf(".");
const mangled = fc
  .oneof(
    // Signed by the tenant, so that the checks after the signature are reached too.
    spoilt(header, ["alg", "kid"]).map((head) => sign(head, claims)),
    // A valid list names members of the header; `b64` is the only one that is known, and it is not there.
    anything.map((crit) => sign({ ...header, crit }, claims)),
    anything.filter((b64) => b64 !== true).map((b64) => sign({ ...header, crit: ["b64"], b64 }, claims)),
    spoilt(claims, ["ver", "iss", "aud", "azp", "cnf"]).map((body) => sign(header, body)),
    anything
      .filter((exp) => typeof exp !== "number")
      .chain((value) => fc.constantFrom("exp", "nbf", "iat").map((name) => ({ ...claims, [name]: value })))
      .map((body) => sign(header, body)),
    fc.tuple(anything, anything).map(([head, body]) => sign(head, body)),
    fc.string({ unit: "binary" }).map((body) => sign(header, body)),
    fc
      .integer({ min: 1, max: 200_000 })
      .map((depth) =>
        JSON.stringify({ ...claims, aud: [] }).replace("[]", "[".repeat(depth) + "]".repeat(depth)),
      )
      .chain((deep) => fc.constantFrom(sign(header, deep), sign(deep, claims))),
    // Not signed for what it has become.
    fc
      .tuple(fc.nat(letters), fc.string({ unit: "binary", minLength: 1, maxLength: 3 }))
      .map(([at, more]) => good.slice(0, at) + more + good.slice(at)),
    fc
      .tuple(fc.nat(good.length - 3), fc.integer({ min: 1, max: 40 }))
      .map(([at, count]) => good.slice(0, at) + good.slice(at + count)),
    fc
      .array(fc.constantFrom(...good.split("."), "", ".", "."), { maxLength: 9 })
      .map((parts) => parts.join("")),
    fc.string({ unit: "binary" }),
  )
  .filter((token) => token !== good);

const TOKENS = process.env["LKPS_VERIFY"] === "1" ? 6_000 : 1_500;

test(`each of ${TOKENS} mangled tokens is rejected, and none causes a defect`, async () => {
  // All within one cool-down of the keys, however long the machine takes.
  vi.useFakeTimers({ toFake: ["performance"] });
  expect(await verify(good)).toMatchObject({ clientId: CLIENT, isApplicationToken: true });
  await fc.assert(
    fc.asyncProperty(mangled, async (token) => {
      expect(await verify(token)).toBeUndefined();
    }),
    { seed: 12, numRuns: TOKENS },
  );
  // The keys, and once more for key ids that are unknown.
  expect(tenant.requests.length).toBeLessThanOrEqual(4);
});

describe("a defect of LKPS is thrown, and does not count as an invalid token:", () => {
  test("a clock that tells no time", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Number.NaN);
    await expect(verify(good)).rejects.toThrow(TypeError);
  });

  test("a clock that throws", async () => {
    vi.spyOn(performance, "now").mockImplementation(() => {
      throw new TypeError("No clock");
    });
    await expect(verify(good)).rejects.toThrow("No clock");
  });

  test("audiences that are none", async () => {
    await expect(verifierFor(null as never).verify(good)).rejects.toThrow(TypeError);
  });
});
