import { join } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { examplesDirectory } from "../../tools/repository-paths.ts";
import { needs } from "../../tools/test/needs.ts";
import { type RunningWebClient, startWebClient } from "../livekit/web-client.ts";
import { startBrowser, watchedPage } from "../support/browser.ts";

// What the page does with fake rooms and errors: `npm test` has no LiveKit server, and LKPS itself
// sends errors in one form only. For real rooms, see `npm run test:livekit`.
const AGENT = "a9e17000-0000-4000-8000-000000000001";

const agents = [{ id: AGENT, name: "Agent" }];
const clients = [{ id: "c11e4700-0000-4000-8000-000000000001", name: "Client" }];

/** In place of enter-room.ts: a room is entered when the test says so, and keeps what was said in it. */
const madeUpRooms = `
  globalThis.rooms = [];
  export class RoomNotEntered extends Error {}
  export const enterRoom = (session, { onEnd }) => new Promise((resolve) => {
    const said = [];
    const room = { hasAgent: () => false, say: async (text) => void said.push(text), leave: async () => onEnd() };
    rooms.push({ said, enter: () => resolve(room) });
  });`;

let web: RunningWebClient;
let script: string;

beforeAll(async () => {
  web = await startWebClient("ws://127.0.0.1:1");
  await web.service.call("POST", "/api/agent/register", { caller: AGENT });
  const { outputFiles } = await build({
    entryPoints: [join(examplesDirectory, "web-client", "main.ts")],
    bundle: true,
    write: false,
    format: "esm",
    define: {
      SETTINGS: JSON.stringify({ lkpsUrl: web.service.stack.gatewayUrl, agent: AGENT, agents, clients }),
    },
    plugins: [
      {
        name: "made-up rooms",
        setup: ({ onLoad }) => onLoad({ filter: /enter-room\.ts$/ }, () => ({ contents: madeUpRooms })),
      },
    ],
  });
  script = outputFiles[0]?.text ?? "";
});
afterAll(() => web?.close());

describe("the web client in a browser", await needs("browser"), () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await startBrowser();
    ({ page } = await watchedPage(browser));
    await page.route("**/main.js", (route) =>
      route.fulfill({ contentType: "text/javascript", body: script }),
    );
    await page.goto(web.origin);
  });
  afterAll(() => browser?.close());

  const rooms = () => page.evaluate("rooms.map(({ said }) => said)");
  const offered = async () => ({
    start: await page.locator("#start-button").isEnabled(),
    chat: await page.locator("#chat").isVisible(),
  });

  test("offers the chat while it is in the room, and a new start after the session", async () => {
    expect(await offered()).toEqual({ start: true, chat: false });
    await page.locator("#start-button").click();
    expect(await offered()).toEqual({ start: false, chat: false });
    await expect.poll(rooms).toEqual([[]]);
    expect(await offered()).toEqual({ start: false, chat: false });
    await page.evaluate("rooms[0].enter()");
    await expect.poll(offered).toEqual({ start: false, chat: true });
    await page.locator("#text").fill("first");
    await page.locator("#chat button[type=submit]").click();
    await page.locator("#leave").click();
    await expect.poll(offered).toEqual({ start: true, chat: false });
  });

  test("says nothing about a second session in the first one's room", async () => {
    await page.locator("#start-button").click();
    await expect.poll(rooms).toEqual([["first"], []]);
    // Skips the chat, which is not there yet.
    await page.evaluate("text.value = 'early', chat.requestSubmit()");
    await page.evaluate("rooms[1].enter()");
    await page.locator("#text").fill("second");
    await page.locator("#chat button[type=submit]").click();
    await expect.poll(rooms).toEqual([["first"], ["second"]]);
  });

  test("without a LiveKit server, says that LKPS allowed the session, and what brings LiveKit", async () => {
    const { page: real } = await watchedPage(browser);
    await real.goto(web.origin);
    await real.locator("#start-button").click();
    await expect
      .poll(() => real.locator("#detail").textContent())
      .toContain("no LiveKit server answers at ws://127.0.0.1:1. Install livekit-server");
    const [sentence, , facts] = await real.getByRole("status").locator("p").allTextContents();
    expect(sentence).toBe("LKPS allowed the session. What is missing is LiveKit.");
    expect(facts).toMatch(new RegExp(`^session: \\S{36} · agent: ${AGENT} · can be joined until: \\S+Z$`));
    expect(await real.getByRole("link").getAttribute("href")).toMatch(/^https:\/\/docs\.livekit\.io\//);
    expect(await real.locator("#start-button").isEnabled()).toBe(true);
  });

  test.each([
    ["says nothing of it", undefined],
    ["names no page", "javascript:alert(1)"],
  ])("shows no link for a problem whose type %s", async (_, type) => {
    await page.reload();
    await page.route("**/api/session/start", (route) =>
      route.fulfill({
        status: 403,
        contentType: "application/problem+json",
        headers: { "access-control-allow-origin": web.origin },
        body: JSON.stringify({ title: "No", status: 403, type }),
      }),
    );
    await page.locator("#start-button").click();
    await expect.poll(() => page.locator("#status").textContent()).toBe("No");
    expect(await page.getByRole("link").count()).toBe(0);
  });
});
