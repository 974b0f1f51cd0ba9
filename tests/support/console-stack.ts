import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { type LiveKitStandIn, startLiveKitStandIn } from "../../dev/livekit/start-livekit-stand-in.ts";
import { consoleSettings } from "../../dev/stack/app-settings.ts";
import { seededDirectoryFile } from "../../dev/stack.ts";
import { bearerOf } from "./access-token.ts";
import { AGENT, api, CLIENT, entry, OTHER_CLIENT } from "./app-registration.ts";
import { startBrowser, type WatchedPage, watchedPage } from "./browser.ts";
import { send, startService } from "./service.ts";

// Agents that Olivia owns, beside AGENT.
export const BIG = "a9e17000-0000-4000-8000-0000000000b1";
export const MISNAMED = "a9e17000-0000-4000-8000-000000000003";
export const OPTED_OUT = "a9e17000-0000-4000-8000-000000000007";
export const FOUNDRY = "a9e17000-0000-4000-8000-000000000011";
export const NOT_HERS = "a9e17000-0000-4000-8000-000000000002";
/** A client that no agent lists. */
export const STRANGER = "c11e4700-0000-4000-8000-000000000002";
/** Tries to break out of its place. */
export const MARKUP = `</title><script>alert(1)</script><img src="https://evil.example.com/x" onerror='alert(2)'>&lt;b&gt;`;

const owners = ["0e091e00-0000-4000-8000-000000000001"];
const application = (appId: string, displayName: string, preAuthorizedApplications?: unknown[]) => ({
  id: appId,
  appId,
  displayName,
  ...(preAuthorizedApplications !== undefined && { owners, api: api({ preAuthorizedApplications }) }),
});
const manyClients = Array.from({ length: 1_000 }, (_, n) => `c11e0000-0000-4000-8000-${1e11 + n}`);
const applications = [
  application(AGENT, `Agent ${MARKUP}`, [
    entry(),
    entry({ appId: OTHER_CLIENT, delegatedPermissionIds: [] }),
  ]),
  application(CLIENT, `Client ${MARKUP}`),
  application(OTHER_CLIENT, "Client \u202eof another direction"),
  application(
    BIG,
    "Big agent",
    manyClients.map((appId) => entry({ appId })),
  ),
  ...manyClients.map((appId, n) => application(appId, `Client number ${n}`)),
];

/** The whole service with the console, its agents, and a browser to visit it. */
export interface ConsoleStack {
  readonly livekit: LiveKitStandIn;
  isLiveKitDown: boolean;
  url(hash?: string): string;
  startSession(client: string, agent?: string): Promise<{ session_id: string; participant_token: string }>;
  /** Opens the console. Nobody is signed in. */
  visit(hash?: string, options?: BrowserContextOptions): Promise<Page>;
  /** Signs in, and returns to the page of the hash. */
  signedIn(hash?: string, options?: BrowserContextOptions & { who?: string }): Promise<Page>;
  /**
   * Closes all pages. Nothing may have gone wrong on them: no violation of the Content-Security-Policy, no script of
   * others, no request to elsewhere. What the server refused does not count.
   */
  leave(expected?: RegExp): Promise<void>;
  close(): Promise<void>;
}

/** Starts it. */
export async function startConsoleStack(): Promise<ConsoleStack> {
  const livekit = await startLiveKitStandIn({
    intercept: (_, response) => {
      if (stack.isLiveKitDown) response.writeHead(503).end();
      return stack.isLiveKitDown;
    },
  });
  const directoryFile = join(tmpdir(), `lkps-console-${process.pid}.json`);
  const seeded = JSON.parse(await readFile(seededDirectoryFile, "utf8"));
  await writeFile(directoryFile, JSON.stringify({ ...seeded, value: [...seeded.value, ...applications] }));
  const settings = { ...consoleSettings, LIVEKIT_URL: livekit.url, GRAPH_CACHE_SECONDS: "0" };
  const service = await startService({ directoryFile, settings });
  const { gatewayUrl, entra } = service.stack;
  livekit.sendWebhooksTo(`${gatewayUrl}/api/livekit/webhook`);
  const post = async (azp: string, path: string, body: object) => {
    const headers = await bearerOf(service.stack, { azp, idtyp: "app" });
    return (await send(`${gatewayUrl}${path}`, "POST", body, headers)).body;
  };
  const register = (agent: string, enforce_client_authz = true) =>
    post(agent, "/api/agent/register", { service_config: { enforce_client_authz } });
  const browser = await startBrowser();
  const visits: WatchedPage[] = [];
  const stack: ConsoleStack = {
    livekit,
    isLiveKitDown: false,
    url: (hash = "") => `${gatewayUrl}/console${hash}`,
    startSession: (client, agent = AGENT) =>
      post(client, "/api/session/start", { agent_entra_app_id: agent }),
    async visit(hash, options) {
      const watched = await watchedPage(browser, options);
      visits.push(watched);
      watched.page.on("dialog", (dialog) => watched.complaints.push(dialog.message()));
      await watched.page.goto(stack.url(hash));
      await watched.page.getByRole("button", { name: "Sign in with Microsoft" }).waitFor();
      return watched.page;
    },
    async signedIn(hash, { who, ...options } = {}) {
      const page = await stack.visit(hash, options);
      await enter(page, who);
      return page;
    },
    async leave(expected = /^$/) {
      for (const { page, complaints, requests } of visits.splice(0)) {
        await page.context().close();
        const others = complaints.filter(
          (text) => !/^Failed to load resource/.test(text) && !expected.test(text),
        );
        const origins = requests.map((one) => new URL(one).origin);
        const elsewhere = origins.filter((one) => ![gatewayUrl, entra.url].includes(one));
        expect([...others, ...elsewhere]).toEqual([]);
      }
    },
    async close() {
      await browser.close();
      await service.close();
      await livekit.close();
      await rm(directoryFile, { force: true });
    },
  };
  for (const agent of [AGENT, MISNAMED]) await register(agent);
  for (const agent of [BIG, OPTED_OUT]) {
    await register(agent, false);
    await stack.startSession(STRANGER, agent);
  }
  await register(BIG);
  return stack;
}

/** Signs in on the page as one of the directory's people. */
export async function enter(page: Page, who = "Olivia"): Promise<void> {
  await page.getByRole("button", { name: /^Sign in/ }).click();
  await page.getByRole("button", { name: who }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

/** Opens a page of the console as a link does, and returns its text. */
export async function open(page: Page, hash: string): Promise<string> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  await page.locator("h1:focus").waitFor();
  return await textOf(page);
}

/** The page's text, once nothing is read any more. */
export async function textOf(page: Page): Promise<string> {
  await expect.poll(() => page.locator(".waiting").count()).toBe(0);
  return (await page.locator("main").textContent()) ?? "";
}
