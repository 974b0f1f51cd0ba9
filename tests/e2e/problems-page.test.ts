import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ProblemCode, problemTypes } from "../../src/contract/problem-types.ts";
import { Problem } from "../../src/http/problem.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { needs } from "../../tools/test/needs.ts";
import { accessibilityViolations, startBrowser, watchedPage } from "../support/browser.ts";
import { send } from "../support/service.ts";
import { useService } from "../support/use-service.ts";

const codes = Object.keys(problemTypes) as ProblemCode[];
// Codes that no error of LKPS has: that of an evaluation that does not apply, and those of gateways.
const documented = [...codes, "not_applicable", "bad_gateway"];

const service = useService();

/** The URL that the problem's `type` resolves to for a caller of that path. */
function pageOf(code: ProblemCode, path = "/api/session/start"): URL {
  const { type } = JSON.parse(new Problem(code, { detail: "" }).toResponse("").body as string);
  return new URL(type, `${service.stack.gatewayUrl}${path}`);
}

const served = (page: URL) => send(page.href, "GET", undefined);

test("docs/problems.md has one section for each code, including not_applicable and the gateways' own", async () => {
  const guide = await readFile(join(repositoryRoot, "docs", "problems.md"), "utf8");
  const headings = [...guide.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings.sort()).toEqual(documented.toSorted());
});

test.each(codes)("the type of %s links to its section, which begins with its status", async (code) => {
  const page = pageOf(code);
  const { status, headers, text } = await served(page);
  expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  expect(page.hash).toBe(`#${code}`);
  expect(text.split(`id="${code}"`)).toHaveLength(2);
  expect(text).toContain(`<h2 id="${code}">${code}</h2>\n<p><strong>${problemTypes[code].status}</strong>`);
});

test("an answer's type links there from any path", async () => {
  const paths = [
    ["GET", "/api/agent/authorization/rehearsal"],
    ["POST", "/api/session/start"],
  ] as const;
  for (const [method, path] of paths) {
    const { body } = await service.call(method, path, { headers: { "client-id": "nobody", host: "evil" } });
    const page = new URL(body.type, `${service.stack.gatewayUrl}${path}`);
    expect(page.href).toBe(pageOf("caller_unidentified").href);
  }
});

test("the page has no script and no broken link", async () => {
  const page = pageOf("internal_error");
  const { text } = await served(page);
  expect(text).not.toMatch(/<script|style=|<!-- /);
  const links = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link = ""]) => new URL(link, page));
  const here = links.filter(({ origin, pathname }) => origin === page.origin && pathname !== page.pathname);
  expect(here.map(({ pathname }) => pathname).sort()).toEqual(["/api/docs", "/api/docs/lkps.css"]);
  const within = links.filter(({ pathname }) => pathname === page.pathname).map(({ hash }) => hash.slice(1));
  expect(within.sort()).toEqual(documented.toSorted());
  expect(links.filter(({ origin }) => origin !== page.origin).map(({ href }) => href)).toEqual(["data:,"]);
});

describe("in a browser", { ...(await needs("browser")) }, () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("the type of each problem links to the visible heading of its code, without errors", async () => {
    const { page, requests, complaints } = await watchedPage(browser);
    for (const code of codes) {
      await page.goto(pageOf(code).href);
      expect(await page.locator("h2:target").textContent()).toBe(code);
      expect(
        await page.evaluate("document.querySelector(':target').getBoundingClientRect().top"),
      ).toBeLessThan(900);
    }
    expect(complaints).toEqual([]);
    const asked = new Set(requests.map((url) => new URL(url).href.replace(/#.*/, "")));
    expect(asked).toEqual(
      new Set(
        [pageOf("internal_error"), new URL("lkps.css", pageOf("internal_error"))].map(
          ({ origin, pathname }) => origin + pathname,
        ),
      ),
    );
    await page.context().close();
  });

  test("the API reference links there", async () => {
    const { page } = await watchedPage(browser);
    await page.goto(`${service.stack.gatewayUrl}/api/docs`);
    const link = page.getByRole("link", { name: "What each error means" });
    const href = (await link.getAttribute("href")) ?? "";
    expect(new URL(href, page.url()).href).toBe(pageOf("internal_error").href.replace(/#.*/, ""));
    await page.context().close();
  });

  test.each(["light", "dark"] as const)("axe finds nothing wrong in %s colors", async (colorScheme) => {
    const { page } = await watchedPage(browser, { colorScheme });
    await page.goto(pageOf("scope_not_exposed").href);
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.context().close();
  });

  test("on a phone nothing is wider than the page", async () => {
    const { page } = await watchedPage(browser, { viewport: { width: 390, height: 844 } });
    await page.goto(pageOf("scope_not_exposed").href);
    expect(await page.evaluate("document.scrollingElement.scrollWidth")).toBeLessThanOrEqual(390);
    await page.context().close();
  });
});
