import { createServer, type ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Listening, listen } from "../../dev/listen.ts";
import { createManagedIdentityToken } from "../../src/adapters/entra/managed-identity-token.ts";
import { createTableClient, tableOperations } from "../../src/adapters/tables/table-operations.ts";
import { systemClock } from "../../src/adapters.ts";

/** Requests to the identity endpoint, which answers none by itself. */
let waiting: ServerResponse[] = [];
let endpoint: Listening;

beforeAll(async () => {
  endpoint = await listen(
    createServer((_, response) => void waiting.push(response)),
    0,
  );
  vi.stubEnv("IDENTITY_ENDPOINT", `${endpoint.url}/msi/token`);
  vi.stubEnv("IDENTITY_HEADER", "secret");
});
afterEach(() => {
  for (const response of waiting) response.destroy();
  waiting = [];
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await endpoint?.close();
});

let resource = "";
let count = 0;
// MSAL's cache is shared by all instances.
beforeEach(() => {
  resource = `https://resource-${++count}.example`;
});
const newToken = (timeoutMs: number) =>
  createManagedIdentityToken({ clientId: undefined, resource, timeoutMs, help: "" }, systemClock);
const arrived = () => expect.poll(() => waiting).toHaveLength(1);
function answer() {
  const expires_on = String(Date.now() / 1_000 + 3_600);
  waiting[0]?.setHeader("content-type", "application/json");
  waiting[0]?.end(JSON.stringify({ access_token: "token", expires_on, resource, token_type: "Bearer" }));
}

// One instance, and the file's first: MSAL sends all requests of a process through the first one's client.
const shared = createManagedIdentityToken(
  { clientId: undefined, resource: "https://graph.example", timeoutMs: 20_000, help: "" },
  systemClock,
);
test.each([
  ...[302, 404, 429, 500, 503].map((status) => [status, "directory_unavailable"] as const),
  ...[400, 401, 403].map((status) => [status, "directory_access_denied"] as const),
])("an identity endpoint that answers %i, in JSON, HTML, or without a body, is %s", async (status, code) => {
  for (const body of ['{"statusCode":400,"message":"No."}', "<html><h1>Sorry</h1></html>", undefined]) {
    const failed = shared.get().catch((error: unknown) => error);
    await arrived();
    waiting.shift()?.writeHead(status, { location: "http://127.0.0.1:9" }).end(body);
    const { code: found, cause } = (await failed) as { code: string; cause: Error };
    expect([found, cause.message]).toEqual([code, expect.stringContaining(`endpoint returned ${status}`)]);
  }
});

// In the app, the two time limits are equal, and either can end first.
test.each([
  ["the operation's", 20_000, 200],
  ["the token's", 200, 20_000],
])("a table operation that waits for a token says so, by %s time limit", async (_, tokenMs, tableMs) => {
  const { get } = newToken(tokenMs);
  const table = createTableClient({ endpoint: "https://127.0.0.1:9", getToken: get }, "agents");
  const run = tableOperations(table, tableMs);
  const reading = run((client, abortSignal) => client.getEntity("a", "b", { abortSignal }));
  await expect(reading).rejects.toMatchObject({
    code: "storage_unavailable",
    cause: {
      message: `The managed identity could not get a token for ${resource}`,
      cause: { message: "No response within 200 ms" },
    },
  });
});

test("a caller that gives up does not end the request for others", async () => {
  const { get } = newToken(20_000);
  const impatient = new AbortController();
  const [first, second] = [get(impatient.signal), get()];
  await arrived();
  impatient.abort(new Error("No time left"));
  await expect(first).rejects.toMatchObject({
    code: "directory_unavailable",
    cause: { message: "No time left" },
  });
  answer();
  expect((await second).token).toBe("token");
});

test("a request shares a prefetch in progress, and retries if it fails", async () => {
  const { get, prefetch } = newToken(20_000);
  prefetch();
  await arrived();
  const token = get();
  waiting.shift()?.writeHead(500).end("{}");
  await arrived();
  answer();
  expect((await token).token).toBe("token");
});
