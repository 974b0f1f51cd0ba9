import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createAccessTokenVerifier } from "../../src/adapters/entra/access-token-verifier.ts";
import { systemClock } from "../../src/adapters.ts";
import { CLIENT } from "../support/app-registration.ts";
import { compactJws, keySetOf, makeKey, rs256, startFakeTenant } from "../support/fake-tenant.ts";

// Entra's key sets give each key an `issuer`, often with a placeholder for the tenant, and not always the tenant's own.

const TIMEOUT_MS = 5_000;
const AUDIENCE = "api://lkps";
const COOL_DOWN_MS = 30_000;
const plainKey = makeKey("published without an issuer");
const issuedKey = makeKey("published with an issuer");
const tenant = await startFakeTenant("7e4a4700-0000-4000-8000-00000000000a", plainKey);
const { v1: v1Issuer, v2: v2Issuer } = tenant.issuers;
const templateOf = (issuer: string) => issuer.replace(tenant.id, "{tenantid}");
const [v1Metadata, v2Metadata] = ["", "/v2.0"].map(
  (version) => `/${tenant.id}${version}/.well-known/openid-configuration`,
) as [string, string];
const [v1Keys, v2Keys] = [`/${tenant.id}/discovery/keys`, `/${tenant.id}/discovery/v2.0/keys`];

// Time limits pass only by `hang`, so that a busy machine does not exceed one.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  tenant.keys = keySetOf(plainKey);
  tenant.faults = {};
  tenant.requests.length = 0;
});
afterEach(() => void vi.useRealTimers());
afterAll(() => tenant.close());

const hang = () => void vi.advanceTimersByTime(TIMEOUT_MS);

/** Publishes a key without an issuer, and another with this one. */
function publish(issuer: unknown): void {
  const [plain, issued] = keySetOf(plainKey, issuedKey).keys;
  tenant.keys = { keys: [plain, { ...issued, issuer }] };
}

const newVerifier = (tenantId = tenant.id) =>
  createAccessTokenVerifier(
    {
      authorityHost: tenant.url,
      tenantId,
      audiences: [AUDIENCE],
      timeoutMs: TIMEOUT_MS,
    },
    systemClock,
  );
type Version = "v1" | "v2";
function tokenOf(version: Version, key = issuedKey): string {
  const claims = { v1: { ver: "1.0", appid: CLIENT }, v2: { ver: "2.0", azp: CLIENT } }[version];
  const exp = Math.floor(Date.now() / 1_000) + 600;
  return compactJws(
    { alg: "RS256", kid: key.kid },
    { ...claims, iss: tenant.issuers[version], aud: AUDIENCE, exp },
    rs256(key),
  );
}
const GOOD = { clientId: CLIENT, isApplicationToken: true, scopes: [], objectId: undefined };

describe("a key is used that is published for", () => {
  test.each<[string, string, Version]>([
    ["the tenant's v2 issuer, for a v2 token", v2Issuer, "v2"],
    ["the tenant's v2 issuer, for a v1 token", v2Issuer, "v1"],
    ["the tenant's v1 issuer, for a v1 token", v1Issuer, "v1"],
    ["the tenant's v1 issuer, for a v2 token", v1Issuer, "v2"],
    ["the v2 issuer of the tenant that asks", templateOf(v2Issuer), "v2"],
    ["the v2 issuer of the tenant that asks, for a v1 token", templateOf(v2Issuer), "v1"],
    ["the v1 issuer of the tenant that asks", templateOf(v1Issuer), "v1"],
  ])("%s", async (_, issuer, version) => {
    publish(issuer);
    expect(await newVerifier().verify(tokenOf(version))).toEqual(GOOD);
  });

  test("two issuers, in two entries with one id", async () => {
    const [issued] = keySetOf(issuedKey).keys;
    const issuers = [v1Issuer, `${tenant.url}/another/v2.0`, templateOf(v2Issuer)];
    tenant.keys = { keys: issuers.map((issuer) => ({ ...issued, issuer })) };
    tenant.faults = { [v1Metadata]: hang };
    expect(await newVerifier().verify(tokenOf("v2"))).toEqual(GOOD);
  });
});

describe("a key is not used that is published for", () => {
  test.each<[string, unknown]>([
    ["another tenant's issuer", `${tenant.url}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`],
    ["the issuer of another host", v2Issuer.replace("127.0.0.1", "login.example.com")],
    ["the issuer in capitals", v2Issuer.toUpperCase()],
    ["the issuer with a slash behind it", `${v2Issuer}/`],
    ["another placeholder", v2Issuer.replace(tenant.id, "{tenant}")],
    ["an empty issuer", ""],
    ["null", null],
    ["a list of issuers", [v2Issuer]],
    ["a number", 7],
  ])("%s", async (_, issuer) => {
    publish(issuer);
    const { verify } = newVerifier();
    for (const version of ["v1", "v2"] as const) {
      expect(await verify(tokenOf(version))).toBeUndefined();
      expect(await verify(tokenOf(version, plainKey))).toEqual(GOOD);
    }
  });
});

describe("the time limit", () => {
  const outcome = () =>
    newVerifier()
      .verify(tokenOf("v2"))
      .then(
        () => "verified",
        ({ code }) => code,
      );

  /** Waits without the fake clock, which `expect.poll` moves on. */
  async function requested(...paths: readonly string[]) {
    while (tenant.requests.length < paths.length) await sleep(5);
    expect(tenant.requests).toEqual(paths);
  }

  test("ends the wait for a document, and not a millisecond earlier", async () => {
    tenant.faults = { "openid-configuration": () => {} };
    const verified = outcome();
    await requested(v2Metadata);
    vi.advanceTimersByTime(TIMEOUT_MS - 1);
    expect(await Promise.race([verified, sleep(20, "still waiting")])).toBe("still waiting");
    vi.advanceTimersByTime(1);
    expect(await verified).toBe("directory_unavailable");
  });

  test("is one for all documents that a token needs", async () => {
    publish(v1Issuer);
    let ahead = 0;
    const elapsed = performance.now.bind(performance);
    const clock = vi.spyOn(performance, "now").mockImplementation(() => elapsed() + ahead);
    const pass = (ms: number) => {
      ahead += ms;
      vi.advanceTimersByTime(ms);
    };
    tenant.faults = {
      [v2Keys]: (response, document) => {
        pass(3_000);
        response.end(document);
      },
      [v1Metadata]: () => {},
    };
    const verified = outcome();
    await requested(v2Metadata, v2Keys, v1Metadata);
    pass(TIMEOUT_MS - 3_000);
    clock.mockRestore();
    expect(await verified).toBe("directory_unavailable");
  });
});

describe("the other version's metadata", () => {
  test("is not fetched unless a token needs it", async () => {
    publish(v1Issuer);
    tenant.faults = { [v1Metadata]: (response) => void response.writeHead(500).end() };
    expect(await newVerifier().verify(tokenOf("v2", plainKey))).toEqual(GOOD);
    expect(tenant.requests).toEqual([v2Metadata, v2Keys]);
  });

  test("is fetched once, for all concurrent and later requests", async () => {
    publish(templateOf(v2Issuer));
    const { verify } = newVerifier();
    const asked = Array.from({ length: 50 }, () => verify(tokenOf("v1")));
    expect(await Promise.all(asked)).toEqual(asked.map(() => GOOD));
    expect(await verify(tokenOf("v1"))).toEqual(GOOD);
    expect(tenant.requests).toEqual([v1Metadata, v1Keys, v2Metadata]);
  });

  test.each([
    ["fails", (response) => void response.writeHead(500).end()],
    ["hangs", hang],
    ["names no issuer", (response) => void response.end("{}")],
  ] as [string, (typeof tenant.faults)[string] & {}][])(
    "%s: 503 within the time limit for a token that needs it, until it is available",
    async (_, fault) => {
      publish(v1Issuer);
      tenant.faults = { [v1Metadata]: fault };
      const { verify } = newVerifier();
      await expect(verify(tokenOf("v2"))).rejects.toMatchObject({ code: "directory_unavailable" });
      expect(await verify(tokenOf("v2", plainKey))).toEqual(GOOD);
      tenant.faults = {};
      expect(await verify(tokenOf("v2"))).toEqual(GOOD);
    },
  );

  test("stays in use when a refresh fails", async () => {
    publish(v1Issuer);
    const { verify } = newVerifier();
    expect(await verify(tokenOf("v2"))).toEqual(GOOD);
    tenant.faults = { "openid-configuration": hang };
    const elapsed = performance.now.bind(performance);
    const clock = vi.spyOn(performance, "now").mockImplementation(() => elapsed() + COOL_DOWN_MS + 1);
    expect(await verify(tokenOf("v2"))).toEqual(GOOD);
    expect(await verify(tokenOf("v2", makeKey("unknown")))).toBeUndefined();
    clock.mockRestore();
  });
});

test("the tenant may be given in any letter case: Entra's issuers have it in lower case", async () => {
  publish(templateOf(v2Issuer));
  const { verify } = newVerifier(tenant.id.toUpperCase());
  for (const version of ["v1", "v2"] as const) expect(await verify(tokenOf(version))).toEqual(GOOD);
});
