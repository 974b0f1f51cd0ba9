/**
 * Takes the pictures in docs/images again: `node tools/bootstrap.mjs tests/support/pictures.ts`, after `npm run build`. They
 * show a denial in the example's page, and a report, in light and in dark.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { startWebClient } from "../livekit/web-client.ts";
import { startBrowser } from "./browser.ts";
import { runLkps } from "./run-lkps.ts";

const images = join(repositoryRoot, "docs", "images");
const report = join(repositoryRoot, ".local", "report.html");
const CLIENTS = ["approved", "stranger"];

const [web, browser] = await Promise.all([startWebClient("ws://127.0.0.1:7880"), startBrowser()]);
try {
  const { gatewayUrl, entra } = web.service.stack;
  const lkps = (...args: string[]) =>
    runLkps([...args, "--local"], { LKPS_URL: gatewayUrl, LKPS_ENTRA_URL: entra.url });
  await lkps("register", "--as", "everything right", "--opt-out");
  for (const client of CLIENTS) await lkps("start", "--as", client, "--agent", "everything right");
  await lkps("register", "--as", "everything right");
  await lkps("report", "--agent", "everything right", "-o", report, "--force");
  for (const colorScheme of ["light", "dark"] as const) {
    const open = async (address: string, width: number, height: number): Promise<Page> => {
      const page = await browser.newPage({ colorScheme, viewport: { width, height } });
      await page.goto(address);
      return page;
    };
    const denial = await open(web.origin, 700, 490);
    await denial.locator("#application").selectOption({ label: "Client (stranger)" });
    await denial.locator("#start-button").click();
    await denial.locator("#explanation").waitFor();
    await denial.screenshot({ path: join(images, `denial-${colorScheme}.png`) });
    const page = await open(pathToFileURL(report).href, 1_000, 705);
    await page.screenshot({ path: join(images, `report-${colorScheme}.png`) });
  }
} finally {
  await browser.close();
  await web.close();
}
