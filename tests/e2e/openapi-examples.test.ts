import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { seededDirectoryFile } from "../../dev/stack.ts";
import { EXAMPLE } from "../../src/contract/example-ids.ts";
import { type ResponseName, responses as schemas } from "../../src/contract/responses.ts";
import { type FaultyService, startFaultyService } from "../support/faulty-service.ts";
import { answers, type DocumentedAnswer, requests } from "../support/openapi-document.ts";
import {
  bringAbout,
  isAboutAddress,
  isAboutReads,
  isAboutTokens,
  isAboutUsers,
  isOutOfReach,
  sendExample,
  setTheScene,
} from "../support/openapi-situations.ts";
import type { Answer } from "../support/service.ts";

let faulty: FaultyService;

beforeAll(async () => {
  const { value } = JSON.parse(await readFile(seededDirectoryFile, "utf8"));
  const settings = {
    LIVEKIT_URL: EXAMPLE.serverUrl,
    LIVEKIT_API_SECRET: "secret-".repeat(5),
    // No cache, so that each request is decided on Graph's own answer to it.
    GRAPH_CACHE_SECONDS: "0",
  };
  faulty = await startFaultyService(settings, value);
  await setTheScene(faulty);
});
afterAll(() => faulty?.close());

/** Ids, times, tokens, and the app's address change each time, so only their kind is compared. */
function withoutChance(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll(/(?!\w{8}-0000-4000-8000-)\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "UUID")
      .replaceAll(/-[0-9a-f]{16}"/g, '-SUFFIX"')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "TIME")
      .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, "TOKEN")
      .replaceAll(faulty.service.stack.appUrl.replace("http:", "https:"), EXAMPLE.baseUrl)
      .replaceAll(/"next_token":"[\w-]+"/g, '"next_token":"NEXT"')
      .replaceAll(/"cursor":"[\w-]+"/g, '"cursor":"CURSOR"'),
  );
}

const challenges: Readonly<Record<string, string>> = {
  caller_unidentified: "Bearer",
  invalid_token: 'Bearer error="invalid_token"',
};

function expectDocumented(answer: Answer, documented: DocumentedAnswer) {
  expect(answer.status, answer.text).toBe(documented.status);
  expect(answer.headers.get("content-type")).toBe(documented.contentType ?? null);
  expect(answer.headers.get("cache-control")).toBe(
    documented.contentType?.startsWith("text/html") ? "no-cache" : "no-store",
  );
  for (const name of documented.headers) expect(answer.headers.get(name)).toMatch(/^[1-9]\d*$/);
  expect(answer.headers.get("www-authenticate")).toBe(challenges[documented.name] ?? null);
  expectToBe(documented.schema, answer.body);
  if (documented.value === undefined) return;
  expect(withoutChance(answer.body)).toEqual(withoutChance(documented.value));
  expectToBe(documented.schema, documented.value);
}

function expectToBe(schema: string | undefined, body: unknown) {
  if (schema !== undefined) expect(schemas[schema as ResponseName].safeParse(body).error).toBeUndefined();
}

const title = "$operationId $status $name";

describe("a request from the document is accepted and answered as documented", () => {
  test.each(requests)("$operationId $name", async (request) => {
    const answer = await sendExample(faulty, request);
    const documented = answers.filter(
      ({ operationId, status }) => operationId === request.operationId && status === answer.status,
    );
    expect(answer.status, answer.text).toBeLessThan(300);
    expect(documented).not.toEqual([]);
    expectToBe(documented[0]?.schema, answer.body);
  });
});

describe("each documented answer can be produced, word for word except for ids, times, and tokens", () => {
  const needsSettings = [isAboutAddress, isAboutTokens, isAboutUsers, isAboutReads];
  const plain = answers.filter((one) => !isOutOfReach(one) && !needsSettings.some((needs) => needs(one)));

  test.each(plain)(title, async (documented) =>
    expectDocumented(await bringAbout(faulty, documented), documented),
  );

  describe("if LKPS does not know its address", () => {
    beforeAll(() => faulty.service.stack.restartApp({ WEBSITE_HOSTNAME: "" }));

    test.each(answers.filter(isAboutAddress))(title, async (documented) =>
      expectDocumented(await bringAbout(faulty, documented), documented),
    );
  });

  describe("if a caller's rateLimit is small", () => {
    beforeEach(() => faulty.service.stack.restartApp({ GRAPH_READS_PER_CALLER: "10" }));

    test.each(answers.filter(isAboutReads))(title, async (documented) =>
      expectDocumented(await bringAbout(faulty, documented), documented),
    );
  });

  describe("if LKPS has checked a user's access token", () => {
    beforeAll(() => faulty.service.stack.restartApp({ CALLER_IDENTITY: "access-token" }));

    test.each(answers.filter(isAboutUsers))(title, async (documented) =>
      expectDocumented(await bringAbout(faulty, documented), documented),
    );
  });

  describe("if LKPS checks access tokens itself", () => {
    beforeAll(() =>
      faulty.service.stack.restartApp({
        CALLER_IDENTITY: "access-token",
        GRAPH_TIMEOUT_MS: "300",
        // Nothing listens there, so there are no keys.
        ENTRA_AUTHORITY_HOST: "http://127.0.0.1:9",
      }),
    );

    test.each(answers.filter(isAboutTokens))(title, async (documented) =>
      expectDocumented(await bringAbout(faulty, documented), documented),
    );
  });
});
