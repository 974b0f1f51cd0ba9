import { createSign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { needs } from "../../tools/test/needs.ts";
import { AGENT, CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import { expectProblem, seconds, valuesOf } from "./gateway-world.ts";
import type { HeaderLine, RawRequest } from "./raw-request.ts";
import { useTokenWorld } from "./token-world.ts";

// Which access tokens are valid for the sample in infra/gateway: the same as for LKPS itself.

const start = { agent_entra_app_id: AGENT };

describe("access tokens at the sample gateway", await needs("ocelot"), () => {
  const world = useTokenWorld();

  const v1 = () => ({ iss: world.tenant.issuers.v1, ver: "1.0", azp: undefined, appid: CLIENT });

  test.each<[string, () => Record<string, unknown>]>([
    ["v2", () => ({})],
    ["v1", () => ({ ...v1(), aud: "api://lkps" })],
    ["v2, with an appid, which says nothing there", () => ({ appid: OTHER_CLIENT })],
    ["v1, with an azp, which says nothing there", () => ({ ...v1(), azp: OTHER_CLIENT })],
    ["in capitals", () => ({ azp: CLIENT.toUpperCase() })],
    ["of a user", () => ({ scp: "access_as_client" })],
    ["that expired within the skew", () => ({ nbf: seconds() - 600, exp: seconds() - 45 })],
    ["that becomes valid within the skew", () => ({ nbf: seconds() + 45 })],
  ])("a valid token identifies its application: %s", async (_, claims) => {
    expect((await world.startWith(await world.tenant.sign(world.key, claims()))).status).toBe(200);
    expect(valuesOf(world.left, "client-id")).toEqual([CLIENT]);
  });

  test.each<[string, () => Record<string, unknown>, Record<string, unknown>?]>([
    ["without kid", () => ({}), { kid: undefined }],
    ["with an unknown kid", () => ({}), { kid: "unknown" }],
    ["with crit", () => ({}), { crit: ["urn:x"], "urn:x": 1 }],
    ["with a list of one audience", () => ({ aud: ["api://lkps"] })],
    ["with a list of audiences", () => ({ aud: ["api://lkps", "api://other"] })],
    ["with an audience and a slash", () => ({ ...v1(), aud: "api://lkps/" })],
    ["without audience", () => ({ aud: undefined })],
    ["with cnf", () => ({ cnf: { jkt: "x" } })],
    ["of v2 with the v1 issuer", () => ({ iss: world.tenant.issuers.v1 })],
    ["of v1 with the v2 issuer", () => ({ ...v1(), iss: world.tenant.issuers.v2 })],
    ["with a slash behind its issuer", () => ({ iss: `${world.tenant.issuers.v2}/` })],
    ["of v2 with appid only", () => ({ azp: undefined, appid: CLIENT })],
    ["of v1 with azp only", () => ({ ...v1(), appid: undefined, azp: CLIENT })],
    ["of no version", () => ({ ver: undefined })],
    ["of version 3.0", () => ({ ver: "3.0" })],
    ["without exp", () => ({ exp: undefined })],
    ["that expired before the skew", () => ({ nbf: seconds() - 600, exp: seconds() - 75 })],
    ["that becomes valid after the skew", () => ({ nbf: seconds() + 75 })],
    ["of no application", () => ({ azp: undefined })],
    ["of an empty one", () => ({ azp: "" })],
    ["of a name", () => ({ azp: "billing" })],
    ["of two", () => ({ azp: `${CLIENT},${OTHER_CLIENT}` })],
    ["of a list", () => ({ azp: [CLIENT] })],
    ["of one in braces", () => ({ azp: `{${CLIENT}}` })],
    ["of one with a line break behind it", () => ({ azp: `${CLIENT}\n` })],
    ["of one with a line break and a header", () => ({ azp: `${CLIENT}\r\nclient-id: ${OTHER_CLIENT}` })],
  ])("a token is not valid %s: 401", async (_, claims, header = {}) => {
    await world.expectInvalid(await world.tenant.sign(world.key, claims(), header));
  });

  test.each(["RS384", "RS512", "PS256", "none", "HS256"])("a token by %s is not valid: 401", async (alg) => {
    const [, claims = ""] = (await world.tenant.sign(world.key)).split(".");
    const header = Buffer.from(JSON.stringify({ alg, kid: world.key.published.kid })).toString("base64url");
    const hash = alg.startsWith("RS") ? `RSA-SHA${alg.slice(2)}` : "RSA-SHA256";
    const signature = createSign(hash).update(`${header}.${claims}`).sign(world.key.privateKey, "base64url");
    await world.expectInvalid(`${header}.${claims}.${signature}`);
  });

  test("a token signed by another key is not valid, whatever its kid: 401", async () => {
    const { privateKey } = await world.tenant.key();
    await world.expectInvalid(await world.tenant.sign({ privateKey, published: world.key.published }));
  });

  test.each(["x", "a.b.c", "e30.e30.e30", "W10.W10.x", "bnVsbA.bnVsbA.x", `${"a".repeat(9_000)}.b.c`])(
    "%s is not a token: 401",
    (token) => world.expectInvalid(token),
  );

  test.each<[string, HeaderLine[]]>([
    ["Basic", [["Authorization", "Basic eDp5"]]],
    ["an empty one", [["Authorization", ""]]],
  ])("an Authorization that is %s is invalid_token", async (_, headers) => {
    expectProblem(await world.call("/api/session/start", { headers, body: start }), "invalid_token");
  });

  test("a missing token is caller_unidentified, with a challenge", async () => {
    const answer = await world.call("/api/session/start", { headers: [], body: start });
    expectProblem(answer, "caller_unidentified");
    expect(answer.headers["www-authenticate"]).toBe("Bearer");
  });

  test.each<[string, Record<string, unknown>]>([
    ["scp", { scp: "access_as_client" }],
    ["an empty scp", { scp: "" }],
    ["idtyp user", { idtyp: "user" }],
    ["an idtyp that is not text", { idtyp: 1 }],
  ])("under /api/agent/, a token with %s is 403 application_token_required", async (_, claims) => {
    const token = await world.tenant.sign(world.key, { azp: AGENT, ...claims });
    const headers: HeaderLine[] = [["Authorization", `Bearer ${token}`]];
    for (const [method, path] of [
      ["POST", "/api/agent/register"],
      ["DELETE", "/API/Agent/registration"],
      ["GET", "/api/agent/authorization/rehearsal"],
      ["GET", "/api/agent/sessions/01937f5e-8000-7000-8000-000000000001"],
    ] as const) {
      expectProblem(await world.call(path, { method, headers }), "application_token_required");
    }
    expect(world.left).toEqual([]);
    const elsewhere = await world.call("/api/session/start", { headers, body: start });
    expect([200, 403]).toContain(elsewhere.status);
    expect(world.left.length).toBe(1);
  });

  test("under /api/agents/, which people use, any valid token is forwarded", async () => {
    const path = `/api/agents/${AGENT}/sessions`;
    const token = await world.tenant.sign(world.key, { azp: AGENT, scp: "access_as_user" });
    const headers: HeaderLine[] = [["Authorization", `Bearer ${token}`]];
    const answer = await world.call(path, { method: "GET", headers });
    // LKPS's console is off here.
    expect([answer.status, answer.body]).toEqual([404, undefined]);
    expect(valuesOf(world.left, "authorization")).toEqual([`Bearer ${token}`]);
    expect(valuesOf(world.left, "client-id")).toEqual([AGENT]);
    expectProblem(await world.call(path, { method: "GET", headers: [] }), "caller_unidentified");
  });

  test.each([{}, { idtyp: "app" }])(
    "under /api/agent/, a token with %j is the application's own",
    async (claims) => {
      const token = await world.tenant.sign(world.key, { azp: AGENT, ...claims });
      const headers: HeaderLine[] = [["Authorization", `Bearer ${token}`]];
      const answer = await world.call("/api/agent/registration", { method: "GET", headers });
      expect(answer.status).toBe(200);
    },
  );

  // With which keys it checks access tokens, and what it does without any.

  test("a key that is published for another issuer is not used", async () => {
    const own = await world.tenant.key({ issuer: world.tenant.issuers.v2 });
    const template = await world.tenant.key({
      issuer: world.tenant.issuers.v2.replace(/[^/]+\/v2\.0$/, "{tenantid}/v2.0"),
    });
    const v1Key = await world.tenant.key({ issuer: world.tenant.issuers.v1 });
    const foreign = await world.tenant.key({ issuer: world.tenant.issuers.v2.replace("7e4a", "7e4b") });
    const odd = await world.tenant.key({ issuer: 1 });
    const twin = await world.tenant.key({ kid: own.published.kid, issuer: foreign.published.issuer });
    world.tenant.keys = [world.key, twin, own, template, v1Key, foreign, odd].map(
      ({ published }) => published,
    );
    const other = await world.start(world.tenant.settings);
    for (const good of [world.key, own, template, v1Key]) {
      expect((await world.startWith(await world.tenant.sign(good), other)).status).toBe(200);
    }
    for (const bad of [foreign, odd, twin]) await world.expectInvalid(await world.tenant.sign(bad), other);
    world.tenant.keys = [world.key.published];
  });

  test.each(["503", "nothing"] as const)(
    "if Entra answers %s from the start, a valid token is 503, and works once Entra answers",
    async (answers) => {
      world.tenant.answers = answers;
      const other = await world.start(world.tenant.settings);
      const token = await world.tenant.sign(world.key);
      const askedBefore = world.tenant.asked;
      // Anonymous routes and requests that are rejected anyway don't fetch keys.
      const health: RawRequest = { method: "GET", headers: [["Authorization", `Bearer ${token}`]] };
      expect((await world.call("/api/health", health, other.url)).status).toBe(200);
      expectProblem(await world.call("/api/nothing", health, other.url), "not_found");
      expect(world.tenant.asked).toBe(askedBefore);
      const asked = performance.now();
      const refused = await Promise.all([1, 2, 3, 4, 5].map(() => world.startWith(token, other)));
      for (const answer of refused) {
        expectProblem(answer, "directory_unavailable");
        expect(answer.headers["retry-after"]).toMatch(/^[1-9]\d*$/);
      }
      expect(performance.now() - asked).toBeLessThan(12_000);
      await world.expectInvalid("x", other);
      world.tenant.answers = "keys";
      await expect.poll(async () => (await world.startWith(token, other)).status).toBe(200);
      // Cached keys stay in use: a token with an unknown key is invalid, whatever Entra does.
      world.tenant.answers = answers;
      await world.expectInvalid(await world.tenant.sign(await world.tenant.key()), other);
      expect((await world.startWith(token, other)).status).toBe(200);
      world.tenant.answers = "keys";
    },
  );

  test("a tenant that publishes no key counts as one that does not answer", async () => {
    world.tenant.keys = [];
    const other = await world.start(world.tenant.settings);
    const token = await world.tenant.sign(world.key);
    expectProblem(await world.startWith(token, other), "directory_unavailable");
    world.tenant.keys = [world.key.published];
    await expect.poll(async () => (await world.startWith(token, other)).status).toBe(200);
  });

  test("a new key of the tenant works within the refresh interval", async () => {
    const other = await world.start(world.tenant.settings);
    expect((await world.startWith(await world.tenant.sign(world.key), other)).status).toBe(200);
    const next = await world.tenant.key();
    world.tenant.keys = [world.key.published, next.published];
    const token = await world.tenant.sign(next);
    await expect.poll(async () => (await world.startWith(token, other)).status).toBe(200);
    world.tenant.keys = [world.key.published];
  });
});
