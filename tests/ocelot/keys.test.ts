import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { needs } from "../../tools/test/needs.ts";
import { expectProblem } from "./problem.ts";
import { type RawRequest, sendRaw } from "./raw-request.ts";
import { startTokenWorld, type TokenWorld } from "./token-world.ts";

// With which keys the sample in infra/gateway checks access tokens, and what it does without any.

let whole: TokenWorld;
let { world, tenant, key, startWith, expectInvalid } = {} as TokenWorld;

describe("keys of the sample gateway", await needs("ocelot"), () => {
  beforeAll(async () => {
    whole = await startTokenWorld();
    ({ world, tenant, key, startWith, expectInvalid } = whole);
  });
  afterAll(() => whole?.close());
  beforeEach(() => {
    world.left.length = 0;
  });

  test("a key that is published for another issuer is not used", async () => {
    const own = await tenant.key({ issuer: tenant.issuers.v2 });
    const template = await tenant.key({
      issuer: tenant.issuers.v2.replace(/[^/]+\/v2\.0$/, "{tenantid}/v2.0"),
    });
    const v1Key = await tenant.key({ issuer: tenant.issuers.v1 });
    const foreign = await tenant.key({ issuer: tenant.issuers.v2.replace("7e4a", "7e4b") });
    const odd = await tenant.key({ issuer: 1 });
    const twin = await tenant.key({ kid: own.published.kid, issuer: foreign.published.issuer });
    tenant.keys = [key, twin, own, template, v1Key, foreign, odd].map(({ published }) => published);
    const other = await world.start(tenant.settings);
    for (const good of [key, own, template, v1Key]) {
      expect((await startWith(await tenant.sign(good), other)).status).toBe(200);
    }
    for (const bad of [foreign, odd, twin]) await expectInvalid(await tenant.sign(bad), other);
    tenant.keys = [key.published];
  });

  test.each(["503", "nothing"] as const)(
    "if Entra answers %s from the start, a valid token is 503, and works once Entra answers",
    async (answers) => {
      tenant.answers = answers;
      const other = await world.start(tenant.settings);
      const token = await tenant.sign(key);
      const askedBefore = tenant.asked;
      // Anonymous routes and requests that are rejected anyway don't fetch keys.
      const health: RawRequest = { method: "GET", headers: [["Authorization", `Bearer ${token}`]] };
      expect((await sendRaw(other.url, "/api/health", health)).status).toBe(200);
      expectProblem(await sendRaw(other.url, "/api/nothing", health), "not_found");
      expect(tenant.asked).toBe(askedBefore);
      const asked = performance.now();
      const refused = await Promise.all([1, 2, 3, 4, 5].map(() => startWith(token, other)));
      for (const answer of refused) {
        expectProblem(answer, "directory_unavailable");
        expect(answer.headers["retry-after"]).toMatch(/^[1-9]\d*$/);
      }
      expect(performance.now() - asked).toBeLessThan(12_000);
      await expectInvalid("x", other);
      tenant.answers = "keys";
      await expect.poll(async () => (await startWith(token, other)).status, { timeout: 15_000 }).toBe(200);
      // Cached keys stay in use: a token with an unknown key is invalid, whatever Entra does.
      tenant.answers = answers;
      await expectInvalid(await tenant.sign(await tenant.key()), other);
      expect((await startWith(token, other)).status).toBe(200);
      tenant.answers = "keys";
    },
  );

  test("a tenant that publishes no key counts as one that does not answer", async () => {
    tenant.keys = [];
    const other = await world.start(tenant.settings);
    const token = await tenant.sign(key);
    expectProblem(await startWith(token, other), "directory_unavailable");
    tenant.keys = [key.published];
    await expect.poll(async () => (await startWith(token, other)).status, { timeout: 15_000 }).toBe(200);
  });

  test("a new key of the tenant works within the refresh interval", async () => {
    const other = await world.start(tenant.settings);
    expect((await startWith(await tenant.sign(key), other)).status).toBe(200);
    const next = await tenant.key();
    tenant.keys = [key.published, next.published];
    const token = await tenant.sign(next);
    await expect.poll(async () => (await startWith(token, other)).status, { timeout: 15_000 }).toBe(200);
    tenant.keys = [key.published];
  });
});
