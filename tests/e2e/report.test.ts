import { readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../tools/test/needs.ts";
import { signedToken } from "../support/access-token.ts";
import {
  AGENT,
  api,
  CLIENT,
  entry,
  OTHER_CLIENT,
  OTHER_SCOPE_ID,
  scope,
} from "../support/app-registration.ts";
import { startBrowser, violationsInBothColors } from "../support/browser.ts";
import { runLkps } from "../support/run-lkps.ts";
import { useFolder, useService } from "../support/use-service.ts";

const THIRD_CLIENT = "c11e0000-0000-4000-8000-0000000000cc";
// All foreign text on a page tries to break out of its place.
const MARKUP = `</title></style><script>alert(1)</script><img src="https://evil.example.com/x" onerror='alert(2)'>&lt;b&gt;`;
const application = (appId: string, displayName: string, more: object = {}) => ({
  id: appId,
  appId,
  displayName,
  api: api({ oauth2PermissionScopes: [], preAuthorizedApplications: [] }),
  ...more,
});
const agentWith = (given: unknown, more: object = {}) => [
  application(AGENT, `Agent ${MARKUP}`, { api: given, ...more }),
  application(CLIENT, `Client ${MARKUP}`),
  application(OTHER_CLIENT, "Client \u202e\u001b[31m of another direction"),
];
const mixed = api({
  oauth2PermissionScopes: [scope(), scope({ id: OTHER_SCOPE_ID, value: MARKUP })],
  preAuthorizedApplications: [
    entry(),
    entry({ appId: OTHER_CLIENT, delegatedPermissionIds: [OTHER_SCOPE_ID] }),
    entry({ appId: THIRD_CLIENT, delegatedPermissionIds: ["5c0be000-0000-4000-8000-0000000000ff"] }),
  ],
});

const folder = useFolder();
let token: string;
let here: Record<string, string>;

const service = useService({ applications: agentWith(mixed) });
beforeAll(async () => {
  const { entra, gatewayUrl } = service.stack;
  here = {
    LKPS_ENTRA_URL: entra.url,
    LKPS_URL: gatewayUrl,
    INIT_CWD: folder,
  };
  token = await signedToken(service.stack, { azp: AGENT });
});

async function report(file: string, env: Record<string, string> = {}) {
  const ran = await runLkps(["report", "--local", "--agent", AGENT, "-o", file, "--force"], {
    ...here,
    ...env,
  });
  return { ...ran, page: await readFile(join(folder, file), "utf8") };
}

describe("lkps report", () => {
  test("writes one page, and summarizes it in a sentence", async () => {
    const ran = await report("plain.html");
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toBe(
      "✓ plain.html\n  With enforcement on, 1 of 3 client applications may start sessions\n",
    );
    expect(ran.page).toContain("LKPS was not asked");
    expect(ran.page).not.toContain("Latest sessions");
  });

  test("names the file after the agent, and writes to standard output on request", async () => {
    await runLkps(["report", "--local", "--agent", AGENT], here);
    expect(await readFile(join(folder, `${AGENT}.html`), "utf8")).toMatch(/^<!doctype html>/);
    const { stdout } = await runLkps(["report", "--local", "--agent", AGENT, "-o", "-"], here);
    expect(stdout).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    const both = await runLkps(["report", "--local", "--agent", AGENT, "-o", "-", "--json"], here);
    expect([both.code, JSON.parse(both.stdout).error.message]).toEqual([
      2,
      expect.stringContaining("--output"),
    ]);
  });

  test("is for its owner only, and replaces a file or a link only with --force, never what a link leads to", async () => {
    const [target, link] = [join(folder, "target.html"), join(folder, "link.html")];
    await writeFile(target, "kept");
    await symlink(target, link);
    const write = (...more: string[]) =>
      runLkps(["report", "--local", "--agent", AGENT, "-o", "link.html", ...more], here);
    expect(await write()).toMatchObject({ code: 2, stderr: expect.stringContaining("use --force") });
    expect((await write("--force")).code).toBe(0);
    expect(await readFile(target, "utf8")).toBe("kept");
    expect(await readFile(link, "utf8")).toMatch(/^<!doctype html>/);
    expect((await stat(link)).mode & 0o777).toBe(0o600);
  });

  test("escapes markup in names and values", async () => {
    const { page } = await report("markup.html", { LKPS_TOKEN: token });
    expect(page).not.toMatch(/<script|<img|onerror='|<b>/i);
    expect(page).toContain("&lt;/title&gt;&lt;/style&gt;&lt;script&gt;");
    expect(page).toContain("Client \\u202e\\u001b[31m of another direction");
  });

  test("has a policy against loading or running anything", async () => {
    const { page } = await report("policy.html");
    expect(page).toMatch(
      /content="default-src &#39;none&#39;; style-src &#39;sha256-[\w+/=]+&#39;; img-src data:;/,
    );
    expect(page).not.toMatch(
      /<[^>]*\s(style|on\w+)=|<(script|iframe|object|link rel="stylesheet)|url\(|@import/i,
    );
    const outward = [...page.matchAll(/(?:href|src)="(?!#|data:)([^"]*)"/g)].map(([, address]) => address);
    expect(outward).toEqual([]);
  });

  test("has the registration, sessions, and rehearsal if the address and the agent's token are given", async () => {
    const optOut = { service_config: { enforce_client_authz: false } };
    await service.call("POST", "/api/agent/register", { caller: AGENT, body: optOut });
    for (const caller of [CLIENT, OTHER_CLIENT]) {
      await service.call("POST", "/api/session/start", { caller, body: { agent_entra_app_id: AGENT } });
    }
    const { code, stdout, page } = await report("service.html", { LKPS_TOKEN: token });
    expect([code, stdout]).toEqual([0, expect.stringContaining("Any client application may start sessions")]);
    expect(page).toContain(
      "With enforcement on, 1 of 3 client applications could start sessions. 1 that used the agent recently would be denied.",
    );
    expect(page).toMatch(
      /With enforcement on<[\s\S]*2 client applications used the agent in the last 7 days; 1 would be denied/,
    );
    expect(page.match(/Nobody has joined yet/g)).toHaveLength(2);
    expect(page).not.toContain(token.slice(0, 20));
  });

  test("is written without the part from LKPS if LKPS cannot answer, and exits with 2", async () => {
    const foreign = await signedToken(service.stack, { aud: "api://other", azp: AGENT });
    const refused = await report("refused.html", { LKPS_TOKEN: foreign });
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining("does not include information from LKPS"),
    ]);
    expect(refused.page).toContain("LKPS could not be asked.");
    const others = await report("others.html", {
      LKPS_TOKEN: await signedToken(service.stack, { azp: CLIENT }),
    });
    expect([others.code, others.stderr]).toEqual([2, expect.stringContaining("use that agent's own token")]);
  });

  test.each<[string, unknown, object, RegExp]>([
    [
      "an agent without a scope",
      api({ oauth2PermissionScopes: [], preAuthorizedApplications: [] }),
      {},
      /With enforcement on, no client application may[\s\S]*Add a scope named access_as_client[\s\S]*Then add the client/,
    ],
    [
      "a misnamed scope",
      api({ oauth2PermissionScopes: [scope({ value: "access_as_client " })] }),
      {},
      /The agent must first expose[\s\S]*Similar: &quot;access_as_client &quot; \(contains white space or an invisible character\)/,
    ],
    [
      "one client that may",
      api(),
      {},
      /With enforcement on, the one pre-authorized client application may start sessions/,
    ],
    [
      "a deleted agent",
      api(),
      { deletedDateTime: "2026-11-01T08:00:00Z" },
      /has no app registration or agent identity with this client id/,
    ],
  ])("of %s says so", async (_, given, more, expected) => {
    await service.setDirectory(agentWith(given, more));
    const { code, page } = await report("case.html");
    await service.setDirectory(agentWith(mixed));
    expect(code).toBe(0);
    expect(page).toMatch(expected);
  });
});

describe("the report in a real browser", await needs("browser"), () => {
  let browser: Browser;
  const requests: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
    await report("browser.html", { LKPS_TOKEN: token });
    await service.setDirectory(
      agentWith(api({ oauth2PermissionScopes: [scope({ value: "Access_as_client" })] })),
    );
    await report("misnamed.html");
    await service.setDirectory(agentWith(mixed));
  });
  afterAll(() => browser?.close());

  async function open(file: string, options: Parameters<Browser["newPage"]>[0] = {}): Promise<Page> {
    const page = await browser.newPage(options);
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => complaints.push(dialog.message()));
    await page.goto(`file://${join(folder, file)}`);
    return page;
  }

  test.each([
    ["a phone, whose screen nothing is wider than", { viewport: { width: 320, height: 640 } }],
    ["forced colors", { forcedColors: "active" }],
  ] as const)(
    "axe finds nothing wrong in light and dark colors, collapsed and expanded: %s",
    async (_, options) => {
      for (const file of ["browser.html", "misnamed.html"]) {
        const page = await open(file, options);
        expect(await violationsInBothColors(page)).toEqual([]);
        for (const summary of await page.locator("summary").all()) await summary.click();
        expect(await violationsInBothColors(page)).toEqual([]);
        const { width } = page.viewportSize() ?? { width: 0 };
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
        await page.close();
      }
    },
  );

  test("everything can be reached by keyboard, and commands can be expanded", async () => {
    const page = await open("browser.html");
    const targets = await page.locator("a, summary").count();
    for (let n = 0; n < targets; n++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate("document.activeElement.tagName");
      if (at === "SUMMARY") await page.keyboard.press("Enter");
    }
    expect(await page.locator("details[open]").count()).toBe(await page.locator("details").count());
    expect(await page.locator("pre").first().isVisible()).toBe(true);
    await page.close();
  });

  test("commands are expanded in print", async () => {
    const page = await open("browser.html");
    expect(await page.locator("pre").first().isVisible()).toBe(false);
    await page.emulateMedia({ media: "print" });
    for (const command of await page.locator("pre").all())
      expect((await command.boundingBox())?.height).toBeGreaterThan(10);
    await page.close();
  });

  test("a step to fix links to the client", async () => {
    const page = await open("browser.html");
    await page.locator("ol.steps a").first().click();
    expect(await page.locator("li:target").count()).toBe(1);
    await page.close();
  });

  test("nothing was requested, nothing ran, and there were no errors", () => {
    expect(requests.length).toBeGreaterThan(0);
    expect(
      requests.filter((address) => !address.startsWith(`file://${folder}`) && !address.startsWith("data:")),
    ).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
