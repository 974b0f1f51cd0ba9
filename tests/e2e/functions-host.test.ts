import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../dev/listen.ts";
import { type AppProcess, startApp } from "../../dev/stack/app-process.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";

// What the local host rejects because the real one does, which no other test would notice.

const APP = `
import { app } from "@azure/functions";
console.log("while loading: " + (await fetch("http://" + process.env.WEBSITE_HOSTNAME).then(() => "answered", () => "refused")));
const http = (name, methods, handler) => app.http(name, { methods, route: name, authLevel: "anonymous", handler });
http("echo", ["GET"], (request, context) => {
  context.log("handled " + request.query.get("value"));
  return { headers: { "x-echo": decodeURIComponent(request.query.get("value")) }, body: "body" };
});
http("both", ["GET", "HEAD"], () => ({ headers: { "x-own": "1", "content-type": "text/plain" }, body: "body" }));
`;

let folder: string;
let host: AppProcess;
const lines: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lkps-host-"));
  await symlink(join(repositoryRoot, "node_modules"), join(folder, "node_modules"), "junction");
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", main: "main.mjs" }));
  await writeFile(join(folder, "host.json"), JSON.stringify({ extensions: { http: { routePrefix: "" } } }));
  await writeFile(join(folder, "main.mjs"), APP);
  const keys = { functionKey: "f", masterKey: "m" };
  host = await startApp({
    directory: folder,
    port: await freePort(),
    settings: {},
    ...keys,
    onLine: (line) => lines.push(line),
  });
});
afterAll(async () => {
  await host?.stop();
  await rm(folder, { recursive: true, force: true });
});

test("nobody is answered before the app is loaded", () => {
  expect(lines).toContain("while loading: refused");
});

/** Uses Node's own client, which shows a body that must not be there. */
async function call(method: string, path: string) {
  const outgoing = request({ host: "127.0.0.1", port: host.port, method, path, agent: false });
  outgoing.end();
  return await new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      outgoing.on("error", reject);
      outgoing.on("response", async (response) => {
        const body = await text(response);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    },
  );
}

test.each(["é", "ÿ", "日本", "\u0080", "\u007f", "\u001b[31m", "\u0001", "a\r\nx-more: 1", "a\u202eb"])(
  "a response header with %j is an empty 500, after the handler ran",
  async (value) => {
    const encoded = encodeURIComponent(value);
    const before = lines.length;
    const answer = await call("GET", `/echo?value=${encodeURIComponent(encoded)}`);
    expect([answer.status, answer.body, answer.headers["x-echo"], answer.headers["x-more"]]).toEqual([
      500,
      "",
      undefined,
      undefined,
    ]);
    await expect.poll(() => lines.slice(before)).toContain(`handled ${encoded}`);
  },
);

test.each(["plain", "a b", "a\tb", "!~"])("a response header with %j is written", async (value) => {
  const answer = await call("GET", `/echo?value=${encodeURIComponent(encodeURIComponent(value))}`);
  expect([answer.status, answer.headers["x-echo"], answer.body]).toEqual([200, value, "body"]);
});

test("HEAD reaches a function that supports it; the answer has the headers of GET and no body", async () => {
  const head = await call("HEAD", "/both");
  const get = await call("GET", "/both");
  const { date: _, ...headers } = head.headers;
  const { date: __, ...expected } = get.headers;
  expect(headers).toEqual(expected);
  expect(headers["content-length"]).toBe("4");
  expect([head.status, head.body, get.body]).toEqual([200, "", "body"]);
});

test("HEAD on a function that does not support it is an empty 404", async () => {
  const answer = await call("HEAD", "/echo?value=x");
  expect([answer.status, answer.body, answer.headers["x-echo"]]).toEqual([404, "", undefined]);
});
