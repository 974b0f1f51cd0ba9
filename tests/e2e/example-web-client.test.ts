import { request } from "node:http";
import { TokenVerifier } from "livekit-server-sdk";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { webClientOrigin } from "../../dev/local-defaults.ts";
import { parseOptions } from "../../dev/start/options.ts";
import { needs } from "../../tools/test/needs.ts";
import { type LoopbackLiveKit, startLoopbackLiveKit } from "../livekit/loopback-livekit.ts";
import { type RunningWebClient, startWebClient } from "../livekit/web-client.ts";
import { accessibilityViolations, startBrowser, type WatchedPage, watchedPage } from "../support/browser.ts";
import type { Service } from "../support/service.ts";

const AGENT = "a9e17000-0000-4000-8000-000000000001";
const APPROVED = "c11e4700-0000-4000-8000-000000000001";
const STRANGER = "c11e4700-0000-4000-8000-000000000002";

let livekit: LoopbackLiveKit;
let web: RunningWebClient;
let service: Service;
let origin: string;

beforeAll(async () => {
  livekit = await startLoopbackLiveKit();
  web = await startWebClient(livekit.url);
  ({ service, origin } = web);
  await service.call("POST", "/api/agent/register", { caller: AGENT });
});
afterAll(() => web?.close());

describe("the web client in a browser", await needs("browser"), () => {
  let browser: Browser;
  let watched: WatchedPage;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await livekit.close();
  });

  async function startAs(application: string, address = origin): Promise<WatchedPage["page"]> {
    watched = await watchedPage(browser);
    const { page } = watched;
    await page.goto(address);
    await page.locator("#application").selectOption(application);
    await page.locator("#start-button").click();
    return page;
  }

  test("shows a client that is not pre-authorized why, whom to ask, and the decision id", async () => {
    const page = await startAs(STRANGER);
    await page.locator("#explanation").waitFor();
    const [title, detail, facts] = await page.getByRole("status").locator("p").allTextContents();
    const line = service.lines.findLast((logged) => logged.includes('"session_start"')) ?? "{}";
    const { decision_id, code } = JSON.parse(line);
    expect(code).toBe("client_not_pre_authorized");
    expect(facts).toBe(`code: ${code} · check: 2 of 3 · decision: ${decision_id}`);
    expect([title, detail]).toEqual([expect.stringMatching(/\w/), expect.stringMatching(/\w/)]);
    const explanation = (await page.getByRole("link").getAttribute("href")) ?? "";
    expect(explanation).toBe(`${service.stack.gatewayUrl}/api/docs/problems.html#${code}`);
    expect(await (await fetch(explanation)).text()).toContain(`id="${code}"`);
    expect(livekit.count(/^\/rtc/)).toBe(0);
    expect(await page.locator("#start-button").isEnabled()).toBe(true);
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  test("connects an approved client to LiveKit with the token from LKPS, and never shows or logs it", async () => {
    const page = await startAs(APPROVED);
    const { token } = await livekit.visitor(/^\/rtc/);
    const { video, roomConfig } = await new TokenVerifier("devkey", "secret").verify(token);
    expect(video).toMatchObject({ roomJoin: true, room: expect.stringMatching(/^lkps-/) });
    const [dispatched] = roomConfig?.agents ?? [];
    expect(dispatched?.agentName).toBe(AGENT);
    const { session_id, client_app_id } = JSON.parse(dispatched?.metadata ?? "{}");
    expect(client_app_id).toBe(APPROVED);
    // There is no room behind this server, so the chat is not available yet.
    expect(await page.locator("#chat").isVisible()).toBe(false);
    await expect.poll(() => page.locator("#facts").textContent()).toContain(`session: ${session_id}`);
    expect(await page.locator("#status").textContent()).toBe("Connecting to the room…");
    const signature = token.split(".")[2] ?? token;
    expect(await page.content()).not.toContain(signature);
    expect(watched.complaints.join("\n")).not.toContain(signature);
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  test("says what to do from an origin that the platform does not allow", async () => {
    const elsewhere = origin.replace("127.0.0.1", "localhost");
    const page = await startAs(APPROVED, elsewhere);
    await expect
      .poll(() => page.locator("#detail").textContent())
      .toContain(`npm start -- --cors ${elsewhere}`);
  });

  test("offers agents and clients by name, also in dark mode", async () => {
    watched = await watchedPage(browser, { colorScheme: "dark" });
    const { page } = watched;
    await page.goto(origin);
    expect(await page.locator("#application option").allTextContents()).toContain("Client (approved)");
    expect(await page.locator("#agent").inputValue()).toBe(AGENT);
    expect(await page.locator("#agent option").allTextContents()).toContain("Agent (everything right)");
    expect(await page.locator("#agent option").allTextContents()).toContain("Foundry agent (ready)");
    expect(await accessibilityViolations(page)).toEqual([]);
    expect(await page.evaluate("getComputedStyle(document.documentElement).colorScheme")).toBe("light dark");
  });

  test.each([
    ["says nothing of it", undefined],
    ["names no page", "javascript:alert(1)"],
  ])("shows no link for a problem whose type %s", async (_, type) => {
    const { page } = await watchedPage(browser);
    await page.route("**/api/session/start", (route) =>
      route.fulfill({
        status: 403,
        contentType: "application/problem+json",
        headers: { "access-control-allow-origin": origin },
        body: JSON.stringify({ title: "No", status: 403, type }),
      }),
    );
    await page.goto(origin);
    await page.locator("#start-button").click();
    await expect.poll(() => page.locator("#status").textContent()).toBe("No");
    expect(await page.getByRole("link").count()).toBe(0);
  });

  test("without a LiveKit server, says that LKPS allowed the session, and what brings LiveKit", async () => {
    await livekit.close();
    const page = await startAs(APPROVED);
    await expect
      .poll(() => page.locator("#detail").textContent())
      .toContain(`no LiveKit server answers at ${livekit.url}. Install livekit-server`);
    const [sentence, , facts] = await page.getByRole("status").locator("p").allTextContents();
    expect(sentence).toBe("LKPS allowed the session. What is missing is LiveKit.");
    expect(facts).toMatch(new RegExp(`^session: \\S{36} · agent: ${AGENT} · can be joined until: \\S+Z$`));
    expect(await page.getByRole("link").getAttribute("href")).toMatch(/^https:\/\/docs\.livekit\.io\//);
    expect(await page.locator("#start-button").isEnabled()).toBe(true);
  });
});

test.each([
  ["a page whose host name now leads here", "/access-token?as=x", "evil.example", 403],
  ["a path that is no URL", "//", "127.0.0.1", 404],
  ["anything else", "/serve.ts", "localhost:1", 404],
])("the page's server refuses %s", async (_, path, host, status) => {
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    request(`${origin}${path}`, { path, headers: { host } }, ({ statusCode }) => resolve(statusCode))
      .on("error", reject)
      .end();
  });
  expect(answer).toBe(status);
});

test("npm start accepts origins only as browsers send them, because others would never match", () => {
  const corsOf = (...args: string[]) => parseOptions(args)?.corsOrigins;
  expect(corsOf()).toEqual([webClientOrigin]);
  expect(corsOf("--cors", origin, "--cors", "https://a.example")).toEqual([
    webClientOrigin,
    origin,
    "https://a.example",
  ]);
  for (const bad of [`${origin}/`, "*", "localhost:5173", "http://A.example"])
    expect(() => corsOf("--cors", bad)).toThrow(`--cors ${bad}`);
});
