import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../dev/listen.ts";
import { consoleSettings } from "../../dev/stack/app-settings.ts";
import { seededDirectoryFile } from "../../dev/stack.ts";
import { type ResponseName, responses as schemas } from "../../src/contract/responses.ts";
import { EXAMPLE } from "../../tools/openapi/example-ids.ts";
import { bearerOf } from "../support/access-token.ts";
import { answers, type DocumentedAnswer, requests } from "../support/openapi-document.ts";
import { bringAbout, isOwn, sendExample, setTheScene } from "../support/openapi-situations.ts";
import { type Answer, type Service, startService } from "../support/service.ts";

let service: Service;
/** Takes whatever LKPS asks of LiveKit. */
const liveKit = createServer((_, response) =>
  response.setHeader("content-type", "application/json").end('{"empty_timeout":720}'),
);
let liveKitApi: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  const { value: applications } = JSON.parse(await readFile(seededDirectoryFile, "utf8"));
  liveKitApi = await listen(liveKit, 0);
  const settings = {
    LIVEKIT_API_URL: liveKitApi.url,
    LIVEKIT_URL: EXAMPLE.serverUrl,
    LIVEKIT_API_SECRET: "secret-".repeat(5),
    ...consoleSettings,
    // No cache, so that each request is decided on Graph's own answer to it.
    GRAPH_CACHE_SECONDS: "0",
  };
  const started = await startService({ settings, applications });
  service = {
    ...started,
    // The console requires access tokens; the gateway forwards the caller's.
    call: async (method, path, { headers, ...options } = {}) => {
      const bearer = options.caller && (await bearerOf(started.stack, { azp: options.caller }));
      return await started.call(method, path, {
        ...options,
        headers: { ...(bearer || {}), ...headers },
      });
    },
  };
  await setTheScene(service);
});
afterAll(async () => {
  await service?.close();
  await liveKitApi?.close();
});

/** Ids, times, tokens, and the app's address change each time, so only their kind is compared. */
function withoutChance(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll(/(?!\w{8}-0000-4000-8000-)\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "UUID")
      .replaceAll(/-[0-9a-f]{16}"/g, '-SUFFIX"')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "TIME")
      .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, "TOKEN")
      .replaceAll(service.stack.appUrl.replace("http:", "https:"), EXAMPLE.baseUrl)
      .replaceAll(`"authority":"${service.stack.entra.url}`, '"authority":"https://login.microsoftonline.com')
      .replaceAll(service.stack.entra.url, "https://graph.microsoft.com")
      .replaceAll(/"next_token":"[\w-]+"/g, '"next_token":"NEXT"')
      .replaceAll(/"cursor":"[\w-]+"/g, '"cursor":"CURSOR"'),
  );
}

function expectDocumented(answer: Answer, documented: DocumentedAnswer) {
  expect(answer.status, answer.text).toBe(documented.status);
  expect(answer.headers.get("content-type")).toBe(documented.contentType ?? null);
  expect(answer.headers.get("cache-control")).toBe(
    documented.contentType?.startsWith("text/html") ? "no-cache" : "no-store",
  );
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
    const answer = await sendExample(service, request);
    const documented = answers.filter(
      ({ operationId, status }) => operationId === request.operationId && status === answer.status,
    );
    expect(answer.status, answer.text).toBeLessThan(300);
    expect(documented).not.toEqual([]);
    expectToBe(documented[0]?.schema, answer.body);
  });
});

test.each(answers.filter(isOwn))(
  `${title} can be produced, word for word except for ids, times, and tokens`,
  async (documented) => expectDocumented(await bringAbout(service, documented), documented),
);
