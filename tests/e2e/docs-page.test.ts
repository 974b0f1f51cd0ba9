import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApp } from "../../dev/stack/app-process.ts";
import { EXAMPLE } from "../../tools/openapi/example-ids.ts";
import { distDirectory } from "../../tools/repository-paths.ts";
import { needs } from "../../tools/test/needs.ts";
import { accessTokenOf } from "../support/access-token.ts";
import {
  startBrowser,
  tabTo,
  violationsInBothColors,
  type WatchedPage,
  watchedPage,
} from "../support/browser.ts";
import { minimalSettings } from "../support/minimal-settings.ts";
import { operations } from "../support/openapi-document.ts";
import { send } from "../support/service.ts";
import { useService } from "../support/use-service.ts";

const service = useService();
beforeAll(async () => {
  await service.call("POST", "/api/agent/register", { caller: EXAMPLE.agent });
});

const anyone = (path: string, url = service.stack.gatewayUrl) => send(`${url}${path}`, "GET", undefined);
const files = ["lkps.css", "names.js", "start.js", "swagger-ui.css", "swagger-ui-bundle.js"] as const;

describe("the page's files", () => {
  test.each(["", "/problems.html", ...files.map((file) => `/${file}`)])(
    "/api/docs%s is served to anyone, with and without the gateway, and not sent twice",
    async (path) => {
      for (const url of [service.stack.appUrl, service.stack.gatewayUrl]) {
        const first = await fetch(`${url}/api/docs${path}`);
        expect(first.status).toBe(200);
        // The local gateway adds its sign-in to the page itself.
        if (url === service.stack.appUrl) expect(first.headers.get("content-encoding")).toBe("gzip");
        expect((await first.text()).length).toBeGreaterThan(100);
        const headers = { "if-none-match": first.headers.get("etag") ?? "" };
        const again = await fetch(`${url}/api/docs${path}`, { headers });
        expect([again.status, await again.text()]).toEqual([304, ""]);
      }
    },
  );

  test("the page refers only to these files and to data URLs, by relative URLs", async () => {
    const { text } = await anyone("/api/docs", service.stack.appUrl);
    const named = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address = ""]) => address);
    const expected = files.map((file) => `docs/${file}`).filter((file) => file !== "docs/names.js");
    expect(named.sort()).toEqual(["data:,", "docs/problems.html", "openapi.json", ...expected].sort());
  });

  test("the local gateway has a home page with a link to it; LKPS itself has none", async () => {
    const { status, text } = await anyone("/");
    expect(status).toBe(200);
    expect([...text.matchAll(/ href="([^"]+)"/g)].map(([, href]) => href)).toContain("api/docs");
    expect((await anyone("/", service.stack.appUrl)).status).toBe(404);
  });

  test("a file that cannot be read is a 500, and its line says where in the source, not in the bundle", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lkps-docs-"));
    await cp(distDirectory, folder, { recursive: true });
    await rm(join(folder, "docs", "index.html"));
    const keys = { functionKey: "f", masterKey: "m" };
    const lines: string[] = [];
    const onLine = (line: string) => void lines.push(line);
    const app = await startApp({ directory: folder, port: 0, settings: minimalSettings, ...keys, onLine });
    try {
      const { status, body } = await anyone("/api/docs", `http://127.0.0.1:${app.port}`);
      expect([status, body.code]).toEqual([500, "internal_error"]);
      await expect.poll(() => lines).toHaveLength(1);
      const [cause] = JSON.parse(lines[0] ?? "").causes;
      expect(cause).toMatch(/^Error: ENOENT.*src\/adapters\/lib\/shipped-files\.ts:\d+/);
    } finally {
      await app.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

const START = "#operations-Sessions-startSession";
/** The status of the answer to a request from the page. */
const LIVE = `${START} .live-responses-table .response .response-col_status`;

/** Opens the page through the gateway, as anyone would. */
async function openDocs({ page }: WatchedPage, address = service.stack.gatewayUrl): Promise<void> {
  await page.goto(`${address}/api/docs`);
  await page.locator(START).waitFor();
}

async function authorize(page: Page, accessToken: string): Promise<void> {
  await page.locator(".btn.authorize").click();
  await page.getByRole("dialog").getByRole("textbox").fill(accessToken);
  await page.getByRole("dialog").getByRole("button", { name: "Authorize", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
}

/** Starts a session with the example that the page shows. */
async function tryStart(page: Page): Promise<{ status: string; body: string }> {
  await page.locator(`${START} .opblock-summary-control`).click();
  await page.locator(`${START} .execute`).click();
  await page.locator(LIVE).waitFor();
  const answer = page.locator(`${START} .live-responses-table .response`);
  const [body = ""] = await answer.locator(".response-col_description .microlight").allTextContents();
  const [status = ""] = await answer.locator(".response-col_status").allTextContents();
  return { status: status.trim(), body };
}

// Minutes, for a busy machine: axe needs seconds of processor time.
describe("in a browser", { ...(await needs("browser")) }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  // The document's own server is PUBLIC_BASE_URL, which is neither of a forwarded port nor of another name of the machine.
  test("at another host name, it shows the API, and a request from it starts a session, without calls to other hosts and without errors; on a phone, nothing is wider than the page, and an answer has its full width", async () => {
    const address = service.stack.gatewayUrl.replace("127.0.0.1", "localhost");
    const watched = await watchedPage(browser);
    const { page, requests, complaints } = watched;
    await openDocs(watched, address);
    expect(await page.title()).toBe("LKPS API");
    expect(await page.locator(".opblock").count()).toBe(operations.length);

    await authorize(page, await accessTokenOf(service.stack, EXAMPLE.client, "approved-secret"));
    const { status, body } = await tryStart(page);
    expect([status, JSON.parse(body).agent_entra_app_id]).toEqual(["200", EXAMPLE.agent]);

    expect(complaints).toEqual([]);
    expect(new Set(requests.map((url) => new URL(url).origin))).toEqual(new Set([address]));
    expect(requests.map((url) => new URL(url).pathname).sort()).toEqual([
      "/api/docs",
      ...[...files, "local-callers.json", "local-sign-in.js"].map((file) => `/api/docs/${file}`).sort(),
      "/api/openapi.json",
      "/api/session/start",
    ]);

    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate("document.scrollingElement.scrollWidth")).toBeLessThanOrEqual(390);
    const answer = page.locator(`${START} .live-responses-table .microlight`).first();
    expect((await answer.boundingBox())?.width).toBeGreaterThan(290);
    await page.context().close();
  });

  test("on the local stack, users sign in by name; an error is shown with its code and a link to its meaning, and a documented one is one line until it is expanded", async () => {
    const watched = await watchedPage(browser);
    await openDocs(watched);
    await watched.page.getByLabel("Sign in as").selectOption("Client (stranger)");
    const { status, body } = await tryStart(watched.page);
    const { code, type } = JSON.parse(body);
    expect([status.slice(0, 3), code]).toEqual(["403", "client_not_pre_authorized"]);
    const link = watched.page.getByRole("link", { name: "What this means" });
    expect(await link.getAttribute("href")).toBe(new URL(type, service.stack.gatewayUrl).href);
    const documented = watched.page.locator(`${START} .responses-wrapper tr.response > .response-col_status`);
    const shown = async () => (await documented.allTextContents()).map((text) => text.slice(0, 3));
    const before = await shown();
    await watched.page.getByRole("button", { name: "The body is larger than 64 KiB." }).click();
    expect(await shown()).toEqual([...before, "413"]);
    await watched.page.context().close();
  });

  test("it asks for the access token only, and does not store it: after a reload, it is gone", async () => {
    const watched = await watchedPage(browser);
    const { page } = watched;
    await openDocs(watched);
    await page.locator(".btn.authorize").click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.getByRole("textbox").count()).toBe(1);
    // What only the gateway sends.
    expect(await dialog.textContent()).not.toMatch(/client-id|x-functions-key/);
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await authorize(page, "a-token");
    expect(await page.locator(".btn.authorize.locked").count()).toBe(1);
    const kept = "JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])";
    expect(await page.evaluate(kept)).not.toContain("a-token");
    await page.reload();
    await page.locator(START).waitFor();
    expect(await page.locator(".btn.authorize.locked").count()).toBe(0);
    await page.context().close();
  });

  test("everything can be reached by keyboard", async () => {
    const watched = await watchedPage(browser);
    const { page } = watched;
    await openDocs(watched);
    await tabTo(page, ".btn.authorize");
    await page.keyboard.press("Enter");
    await page.keyboard.type(await accessTokenOf(service.stack, EXAMPLE.client, "approved-secret"));
    await page.keyboard.press("Enter");
    await tabTo(page, ".btn-done");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await tabTo(page, `${START} .opblock-summary-control`);
    await page.keyboard.press("Enter");
    // The viewer inserts the example when it opens, sooner than anyone could type.
    await page.locator(`${START} .execute`).click({ trial: true });
    await tabTo(page, `${START} .execute`);
    await page.keyboard.press("Enter");
    await page.locator(LIVE).waitFor();
    expect((await page.locator(LIVE).textContent())?.trim()).toBe("200");
    await page.context().close();
  });

  test("axe finds nothing wrong in light and dark colors: collapsed, expanded, after a request, and in the sign-in dialog", async () => {
    const watched = await watchedPage(browser);
    const { page } = watched;
    await openDocs(watched);
    expect(await violationsInBothColors(page)).toEqual([]);
    // One of each method, with and without body, query and caller.
    for (const operation of ["Service-readiness", "Registration-removeRegistration", "Owners-listSessions"])
      await page.locator(`#operations-${operation} .opblock-summary-control`).click();
    await tryStart(page);
    await page.locator(START).getByRole("tab", { name: "Schema" }).first().click();
    await page.locator(`${START} .response`).getByRole("tab", { name: "Schema" }).first().click();
    expect(await violationsInBothColors(page, ".opblock.is-open")).toEqual([]);
    await page.locator(".btn.authorize").click();
    expect(await violationsInBothColors(page, ".dialog-ux")).toEqual([]);
    await page.context().close();
  });

  test("the page of the errors shows the section of a problem's type; axe finds nothing wrong, nothing is wider than a phone", async () => {
    const viewport = { width: 390, height: 844 };
    const { page, complaints } = await watchedPage(browser, { viewport });
    await page.goto(`${service.stack.gatewayUrl}/api/docs/problems.html#scope_not_exposed`);
    expect(await page.locator("h2:target").textContent()).toBe("scope_not_exposed");
    expect(await page.evaluate("document.querySelector(':target').getBoundingClientRect().top")).toBeLessThan(
      viewport.height,
    );
    expect(await page.evaluate("document.scrollingElement.scrollWidth")).toBeLessThanOrEqual(viewport.width);
    expect(await violationsInBothColors(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
