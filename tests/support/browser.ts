import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { browserPath } from "../../tools/test/needs.ts";

const flags =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** Starts it headless, with an empty profile. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: browserPath() ?? "no browser",
    headless: true,
    args: flags.split(" "),
  });
}

/** A page, and what it did. */
export interface WatchedPage {
  readonly page: Page;
  /** Every address that was asked for, `data:` excepted. */
  readonly requests: string[];
  /** Errors and warnings of the console, and what was thrown: violations of the Content-Security-Policy as well. */
  readonly complaints: string[];
}

/** Opens an empty page and watches it. */
export async function watchedPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  // As long as Vitest's own, for a busy machine.
  context.setDefaultTimeout(300_000);
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  context.on("request", (request) => {
    if (!request.url().startsWith("data:")) requests.push(request.url());
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { page, requests, complaints };
}

/**
 * What axe finds wrong with the page as it is now: the rule, and where.
 * @param part - a selector of what to check; axe takes long for a whole page
 * @param rules - all if not given
 */
export async function accessibilityViolations(
  page: Page,
  part = "html",
  rules?: readonly string[],
): Promise<string[]> {
  // A color in the middle of a transition has neither color's contrast.
  const frame = "new Promise(requestAnimationFrame)";
  const settled = "Promise.allSettled(document.getAnimations().map((one) => one.finished))";
  await page.evaluate(`${frame}.then(() => ${frame}).then(() => ${settled}).then(() => {})`);
  // By the debugger, which the page's Content-Security-Policy does not bind.
  await page.evaluate(axe.source);
  const options = JSON.stringify(rules === undefined ? {} : { runOnly: rules });
  const run = `axe.run(${JSON.stringify(part)}, ${options})`;
  const { violations } = (await page.evaluate(run)) as axe.AxeResults;
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

/** The same in light colors, and in dark ones, which change nothing but the contrast. */
export async function violationsInBothColors(page: Page, part?: string): Promise<string[]> {
  await page.emulateMedia({ colorScheme: "dark" });
  const inDark = await accessibilityViolations(page, part, ["color-contrast"]);
  await page.emulateMedia({ colorScheme: "light" });
  return [...inDark, ...(await accessibilityViolations(page, part))];
}

/** Presses the tab key until that is in focus. @throws if it is not reached */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let pressed = 0; pressed < 100; pressed++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
  }
  throw new Error(`The keyboard does not reach ${selector}`);
}
