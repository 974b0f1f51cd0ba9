import { join } from "node:path";
import { RoomServiceClient } from "livekit-server-sdk";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../dev/listen.ts";
import { type LiveKitServer, startLiveKitServer } from "../../dev/livekit-server.ts";
import { livekitServer, needs } from "../../tools/test/needs.ts";
import { startBrowser } from "../support/browser.ts";
import { type RunningExample, runExample } from "./run-example.ts";
import { type RunningWebClient, startWebClient } from "./web-client.ts";

// The examples, as a person would run them, on a real LiveKit server: a client in a browser, an agent, and between
// them nothing but what LKPS gave to one and wrote for the other.
const APPROVED = "c11e4700-0000-4000-8000-000000000001";
const STRANGER = "c11e4700-0000-4000-8000-000000000002";
const SOON = { timeout: 20_000 };

let livekit: LiveKitServer;
let web: RunningWebClient;
let agent: RunningExample;
let browser: Browser;

describe("the examples on a real LiveKit server", await needs("livekit", "browser", "examples"), () => {
  beforeAll(async () => {
    livekit = await startLiveKitServer(livekitServer());
    web = await startWebClient(livekit.url);
    agent = await runExample(join("agent", "main.ts"), web.service.stack, {
      HEALTH_PORT: String(await freePort()),
      // However busy the machine is.
      AGENT_LOAD: "0",
    });
    await agent.line(/registered worker/);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await agent?.stop();
    await web?.close();
    await livekit?.close();
  });

  test("a denied client gets no token, and LiveKit gets no room", async () => {
    const page = await startAs(STRANGER);
    await page.locator("#explanation").waitFor();
    expect(await rooms().listRooms()).toEqual([]);
  });

  test("an approved client meets the agent in its room, which knows the session and the client, twice in a row", async () => {
    const page = await startAs(APPROVED);
    await expect.poll(() => state(page), SOON).toBe("The agent is here.");
    const sessionId = /session: (\S+)/.exec((await page.locator("#facts").textContent()) ?? "")?.[1];
    const greeting = `Hello ${APPROVED}, this is session ${sessionId}.`;
    await expect.poll(() => said(page, "agent"), SOON).toEqual([greeting]);
    expect(await inRoom()).toHaveLength(2);

    await page.locator("#text").fill("Good morning");
    await page.locator("#chat button[type=submit]").click();
    await expect.poll(() => said(page, "agent"), SOON).toEqual([greeting, "You said: Good morning"]);

    await page.locator("#leave").click();
    await expect.poll(() => state(page), SOON).toBe("The session is over.");
    await expect.poll(inRoom, SOON).toEqual([]);

    await page.locator("#start-button").click();
    await expect.poll(() => said(page, "agent"), SOON).toHaveLength(1);
    await page.locator("#text").fill("Here again");
    await page.locator("#chat button[type=submit]").click();
    await expect.poll(async () => (await said(page, "agent")).at(-1), SOON).toBe("You said: Here again");
  });
});

async function startAs(application: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(web.origin);
  await page.locator("#application").selectOption(application);
  await page.locator("#start-button").click();
  return page;
}

const state = (page: Page) => page.locator("#status").textContent();
const said = (page: Page, who: string) => page.locator(`#log .${who}`).allTextContents();

const rooms = () => new RoomServiceClient(livekit.url, "devkey", "secret");

/** Who is in the only room; nobody if it is gone. */
async function inRoom(): Promise<string[]> {
  const [room] = await rooms().listRooms();
  if (room === undefined) return [];
  return (await rooms().listParticipants(room.name)).map(({ identity }) => identity);
}
