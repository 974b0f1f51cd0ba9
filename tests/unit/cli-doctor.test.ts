import { createServer, type RequestListener } from "node:http";
import { describe, expect, test } from "vitest";
import { checkCode, checkWebSocket } from "../../cli/doctor/bypass.ts";
import { sendableToken } from "../../cli/doctor/sendable-token.ts";
import { listen } from "../../dev/listen.ts";

async function withServer<T>(answer: RequestListener, work: (url: string) => Promise<T>): Promise<T> {
  const { url, close } = await listen(createServer(answer), 0);
  try {
    return await work(url);
  } finally {
    await close();
  }
}
const lkps = (code: string) => JSON.stringify({ code, instance: "urn:lkps:invocation:1" });

describe("lkps doctor on a WebSocket upgrade without a token", () => {
  test.each([
    [101, "", "bad", "the answer to an upgrade without a token is 101"],
    [200, "", "bad", "the answer to an upgrade without a token is 200"],
    [500, "", "bad", "the answer to an upgrade without a token is 500"],
    [502, "", "unknown", "the answer to an upgrade is 502"],
    [400, '{"code":"invalid_request"}', "good", "an upgrade is refused (400 invalid_request)"],
    [403, "<h1>Forbidden</h1>", "good", "an upgrade is refused (403)"],
    [401, "", "unknown", "an upgrade is refused (401), perhaps only by the Functions host"],
    // An app that takes access tokens itself.
    [401, lkps("caller_unidentified"), "good", "is refused (401 caller_unidentified)"],
    [404, lkps("agent_not_registered"), "bad", "reaches LKPS, which answers 404 agent_not_registered"],
    [400, lkps("invalid_request"), "bad", "reaches LKPS, which answers 400 invalid_request"],
  ])("that is answered %i %s finds: %s", async (status, body, outcome, found) => {
    const server: RequestListener = (request, response) => {
      if (status !== 101) response.writeHead(status).end(body);
      else
        request.socket.end(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        );
    };
    expect(await withServer(server, checkWebSocket)).toMatchObject({
      outcome,
      found: expect.stringContaining(found),
    });
  });
});

describe("lkps doctor on a key in the query", () => {
  const refusing: RequestListener = (_, response) => response.writeHead(401).end('{"code":"invalid_token"}');
  const ignoring: RequestListener = (_, response) =>
    response.writeHead(404).end('{"code":"agent_not_registered"}');
  const taking: RequestListener = ({ url }, response) =>
    response.writeHead(url?.includes("code=") ? 401 : 404).end();

  test.each([
    ["no token", refusing, undefined, true, "skipped", "not checked: it needs an access token"],
    [
      "a connection that is not safe",
      refusing,
      "t",
      false,
      "skipped",
      "not checked: the connection is not safe enough to send the token",
    ],
    [
      "a token that is refused",
      refusing,
      "t",
      true,
      "unknown",
      "not checked: the token is refused (401 invalid_token)",
    ],
    ["a gateway that ignores it", ignoring, "t", true, "good", "has no effect (404 agent_not_registered)"],
    ["a gateway that passes it on", taking, "t", true, "bad", "changes the answer from 404 to 401"],
  ])("with %s", async (_, server, token, isSafe, outcome, found) => {
    const finding = await withServer(server, (url) => checkCode(url, sendableToken(token, isSafe)));
    expect(finding).toMatchObject({ outcome, found });
    // Whoever gave a token is not told to give one.
    expect(finding.advice?.includes("set LKPS_TOKEN") ?? false).toBe(token === undefined);
  });
});
