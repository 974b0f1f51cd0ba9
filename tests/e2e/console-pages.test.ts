import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../tools/test/needs.ts";
import { AGENT, CLIENT, OTHER_CLIENT, SCOPE_ID } from "../support/app-registration.ts";
import { tabTo, violationsInBothColors } from "../support/browser.ts";
import {
  BIG,
  type ConsoleStack,
  enter,
  FOUNDRY,
  MARKUP,
  MISNAMED,
  NOT_HERS,
  OPTED_OUT,
  open,
  STRANGER,
  startConsoleStack,
  textOf,
} from "../support/console-stack.ts";

const EXPIRED = problem(401, "invalid_token");
const oauthError = (error: string) => ({
  status: 400,
  headers: { "access-control-allow-origin": "*" },
  json: { error, error_description: "About it." },
});

// The pages for owners, as people use them: through the gateway, signed in at the Entra stand-in. Minutes, for a busy
// machine.
describe("the console's pages", { ...(await needs("browser")) }, () => {
  let stack: ConsoleStack;

  beforeAll(async () => {
    stack = await startConsoleStack();
  });
  afterEach(() => stack.leave());
  afterAll(() => stack?.close());

  test("signs in and out, returns to the page of the link, and stores no token", async () => {
    const page = await stack.signedIn(`#/agents/${AGENT}/sessions`);
    expect(page.url()).toBe(stack.url(`#/agents/${AGENT}/sessions`));
    expect(await textOf(page)).toContain("Live sessions");
    const stored = "JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])";
    expect(await page.evaluate(stored)).toBe(JSON.stringify([{}, {}, "", page.url()]));
    await page.reload();
    await page.getByRole("button", { name: "Sign in with Microsoft" }).waitFor();
    await enter(page);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in with Microsoft" }).waitFor();
    expect(page.url()).toBe(stack.url());
  });

  test("refuses an answer of Entra to another question, and says when Entra refused", async () => {
    const page = await stack.visit();
    await page.goto(stack.url("?code=stolen&state=forged"));
    await page.getByRole("button", { name: "Sign in with Microsoft" }).click();
    await page.goto(stack.url("?code=stolen&state=forged"));
    expect(await page.getByRole("alert").textContent()).toContain("did not sign you in");
    await page.getByRole("button", { name: "Sign in with Microsoft" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    expect(await page.getByRole("alert").textContent()).toContain("User declined to consent");
    await page.evaluate("sessionStorage.setItem('lkps-sign-in', '{')");
    await page.goto(stack.url("?code=stolen&state=forged"));
    await page.getByRole("button", { name: "Sign in with Microsoft" }).waitFor();
    expect([page.url(), await page.getByRole("alert").count()]).toEqual([stack.url(), 0]);
  });

  test.each([
    ["its clock is wrong", "Date.now = () => 0;", "Set your device's clock"],
    [
      "Entra ID is away",
      "const { fetch } = globalThis; globalThis.fetch = (url, options) => /token/.test(url) ? Promise.reject(new TypeError()) : fetch(url, options);",
      "It did not answer. Try again.",
    ],
    [
      "it keeps no data",
      "Object.defineProperty(globalThis, 'sessionStorage', { get() { throw new Error() } });",
      "Your browser keeps no data of this page",
    ],
  ])("says what to do about a browser that cannot sign in because %s", async (_, script, expected) => {
    const page = await stack.visit();
    await page.addInitScript(script);
    await page.reload();
    await page.getByRole("button", { name: "Sign in with Microsoft" }).click();
    const olivia = page.getByRole("button", { name: "Olivia" });
    await olivia.or(page.getByRole("alert")).waitFor();
    if (await olivia.isVisible()) await olivia.click();
    expect(await page.getByRole("alert").textContent()).toContain(expected);
  });

  test("signs in at the address in any letter case, and out where Entra has no page for it", async () => {
    const page = await stack.visit();
    await page.route("**/.well-known/openid-configuration", async (route) => {
      const { end_session_endpoint: _, ...json } = await (await route.fetch()).json();
      await route.fulfill({ json });
    });
    await page.goto(stack.url().replace("console", "Console"));
    await enter(page);
    expect(page.url()).toBe(stack.url());
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in with Microsoft" }).waitFor();
  });

  test("lists a person's agents: who may connect, what needs fixing, live sessions", async () => {
    await stack.startSession(CLIENT);
    const page = await stack.signedIn();
    const text = await textOf(page);
    expect(text).toContain(`Agent ${MARKUP}1 of 2 client applications may start sessions.`);
    expect(text).toContain("Select access_as_client in the entry of 1 client.1 live session");
    expect(text).toContain("Any client application may start sessions");
    expect(text).not.toContain("never registers");
  });

  test("whoever owns nothing, or only sponsors, types an id", async () => {
    const page = await stack.signedIn("", { who: "Sofia" });
    expect(await textOf(page)).toContain("You own no app registration");
    const field = page.getByLabel("Application (client) ID");
    await field.fill("Foundry agent");
    await page.getByRole("button", { name: "Open" }).click();
    expect(await page.locator("main").textContent()).toContain("This is not a client id");
    await field.fill(`${FOUNDRY.toUpperCase()} `);
    await page.keyboard.press("Enter");
    await page.getByText("b1e90000-0000-4000-8000-000000000001. Its list of clients").waitFor();
    expect(await page.title()).toBe("Access · Foundry agent (ready) · LKPS console");
  });

  test("shows who may connect, dry runs, usage, and what is not a person's to see", async () => {
    const { session_id: id } = await stack.startSession(STRANGER, OPTED_OUT);
    const page = await stack.signedIn();
    const pages: readonly (readonly [hash: string, expected: readonly string[]])[] = [
      [
        `#/agents/${AGENT}`,
        ["1 of 2 client", "1 pass, 1 stop here", "Client \\u202eof", "scope_not_granted"],
      ],
      [`#/agents/${MISNAMED}`, ["There is no such scope", "(different letter case)", "How to fix it"]],
      [`#/agents/${OPTED_OUT}`, ["Any client application may", "See first who would be"]],
      [
        `#/agents/${OPTED_OUT}/dry-run`,
        ["1 would be denied", "does not expose a scope", "Turn enforcement on"],
      ],
      [
        `#/agents/${BIG}/dry-run`,
        ["1 would now be denied", "not pre-authorized", `az ad app show --id ${BIG}`],
      ],
      [`#/agents/${OPTED_OUT}/usage`, ["2 sessions of 1 client application in the last 7 days", "0 joined"]],
      ["#/agents/1", ["There is no such page"]],
      [`#/agents/${NOT_HERS}`, ["You do not own this agent", "Ask one of them to add you", "Try again"]],
      [`#/agents/${AGENT}/sessions/${id}`, ["There is no such session", "Sessions of this"]],
    ];
    for (const [hash, expected] of pages) {
      await open(page, hash);
      // Names come later.
      for (const part of expected) await expect.poll(() => textOf(page), { message: hash }).toContain(part);
    }
  });

  test("shows hostile names as text, in the title too", async () => {
    const page = await stack.signedIn(`#/agents/${AGENT}`);
    await page.getByText(`Client ${MARKUP}`, { exact: true }).waitFor();
    expect(await page.locator("h1").textContent()).toBe(`Agent ${MARKUP}`);
    expect(await page.title()).toBe(`Access · Agent ${MARKUP} · LKPS console`);
    expect(await page.locator("img, #console script").count()).toBe(0);
    await open(page, `#/agents/${OTHER_CLIENT}`);
    await expect.poll(() => page.title()).toContain("Client \\u202eof another direction");
  });

  test("has a command to copy for each client, which keeps what else is granted", async () => {
    const permissions = ["clipboard-read", "clipboard-write"];
    const page = await stack.signedIn(`#/agents/${AGENT}`, { permissions });
    await page.getByText("Show the command").first().click();
    await page.getByRole("button", { name: "Copy" }).first().click();
    await page.getByText("Copied").waitFor();
    const copied = await page.evaluate("navigator.clipboard.readText()");
    expect(copied).toContain(`az ad app show --id ${AGENT}`);
    expect(copied).toContain(`{appId:'${OTHER_CLIENT}',delegatedPermissionIds:['${SCOPE_ID}']}`);
    await page.evaluate("navigator.clipboard.writeText = () => Promise.reject()");
    await page.getByRole("button", { name: "Copy" }).first().click();
    await page.getByText("did not allow copying. The command is selected").waitFor();
    expect(await page.evaluate("String(getSelection())")).toBe(copied);
  });

  test.each([
    ["has no token for it", "**/token", "User.Read"],
    ["hangs", "**/v1.0/**", ""],
  ])(
    "if Microsoft Graph %s, shows LKPS's answer at once, and soon does without",
    async (_, hanging, part) => {
      const page = await stack.visit();
      await page.clock.install();
      await page.addInitScript(`AbortSignal.timeout = (ms) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), ms);
      return controller.signal;
    };`);
      await page.route(hanging, (route) =>
        route.request().postData()?.includes(part) === false ? route.continue() : undefined,
      );
      await enter(page);
      expect(await open(page, `#/agents/${AGENT}`)).toContain("1 of 2 client applications");
      await page.evaluate("location.hash = ''");
      await page.getByText("Reading what you own from Microsoft Graph").waitFor();
      await page.clock.runFor(10_000);
      await page.getByText("Microsoft Graph does not tell this page what you own").waitFor();
    },
  );

  test("asks for names again after Microsoft Graph failed once", async () => {
    const page = await stack.signedIn();
    await textOf(page);
    await page.route("**/$batch", (route) => route.fulfill({ status: 503 }), { times: 1 });
    expect(await open(page, `#/agents/${BIG}`)).not.toContain("Client number 7");
    await open(page, `#/agents/${AGENT}`);
    await page.getByText(`Client ${MARKUP}`, { exact: true }).waitFor();
    await open(page, `#/agents/${BIG}`);
    await page.getByText("Client number 7", { exact: true }).waitFor();
  });

  test("without Graph, shows ids, takes a typed id, and links to the page of the admin center", async () => {
    const page = await stack.visit();
    await page.route("**/api/console/configuration", async (route) => {
      const response = await route.fetch();
      // The page's policy does not allow it.
      await route.fulfill({
        json: { ...(await response.json()), graph_base_url: "https://graph.microsoft.com" },
      });
    });
    await page.reload();
    await enter(page);
    expect(await textOf(page)).toContain("Microsoft Graph does not tell this page what you own");
    expect(await open(page, `#/agents/${AGENT}`)).toContain(CLIENT);
    const link = page.getByRole("link", { name: "Open the agent in the Microsoft Entra admin center" });
    expect(await link.getAttribute("href")).toBe(
      `https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/ProtectAnAPI/appId/${AGENT}`,
    );
    await stack.leave(/graph\.microsoft\.com/);
  });

  test("ends a session after asking once more; if LiveKit is down, it says so and the session stays", async () => {
    const { session_id: id, participant_token: token } = await stack.startSession(CLIENT);
    const client = await stack.livekit.join(token);
    const page = await stack.signedIn(`#/agents/${AGENT}/sessions`);
    const row = page.locator("li", { has: page.locator(`a[href$="${id}"]`) });
    expect(await row.textContent()).toContain("Waiting until both the client and the agent are in the room");
    const dialog = page.getByRole("dialog");
    await row.getByRole("button", { name: "End session" }).click();
    await page.keyboard.press("Escape");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("End session");
    await page.keyboard.press("Enter");
    stack.isLiveKitDown = true;
    const answer = Promise.withResolvers<void>();
    await page.route(`**/sessions/${id}`, (route) => answer.promise.then(() => route.continue()), {
      times: 1,
    });
    await dialog.getByRole("button", { name: "End session" }).click();
    // Whoever closes the dialog meanwhile is told all the same.
    await page.keyboard.press("Escape");
    answer.resolve();
    await dialog.getByText("LKPS cannot reach LiveKit. The session may still be live.").waitFor();
    stack.isLiveKitDown = false;
    await dialog.getByRole("button", { name: "End session" }).click();
    await page.getByText(`Session ${id} has ended.`).waitFor();
    await row.getByText("Ended by the agent's owner").waitFor();
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Live sessions");
    await client.left;
  });

  test("sessions that end at the same time all leave the live ones", async () => {
    const started = [await stack.startSession(CLIENT), await stack.startSession(CLIENT)];
    const page = await stack.signedIn(`#/agents/${AGENT}/sessions`);
    const answers = started.map(() => Promise.withResolvers<void>());
    for (const [n, { session_id: id }] of started.entries()) {
      await page.route(`**/sessions/${id}`, (route) => answers[n]?.promise.then(() => route.continue()));
      await page.getByRole("button", { name: `End session ${id}` }).click();
      await page.getByRole("dialog").getByRole("button", { name: "End session" }).click();
      await page.keyboard.press("Escape");
    }
    for (const [n, { session_id: id }] of started.entries()) {
      answers[n]?.resolve();
      await page.getByText(`Session ${id} has ended.`).waitFor();
    }
    for (const { session_id: id } of started)
      expect(await page.getByRole("button", { name: `End session ${id}` }).count()).toBe(0);
  });

  test("explains each failure, and offers the next step", async () => {
    const failures: readonly [string, object | "abort", RegExp, string, (object | "abort")?][] = [
      ["LKPS down", "abort", /LKPS does not answer/, "Try again"],
      ["its gateway down", problem(502, "bad_gateway"), /LKPS does not answer/, "Try again"],
      [
        "Entra down",
        problem(503, "directory_unavailable", 3),
        /Microsoft Entra ID.*wait 3 seconds/s,
        "Try again",
      ],
      ["too many reads", problem(429, "too_many_reads", 1), /Too many requests.*wait 1 second/s, "Try again"],
      ["a new code", problem(418, "teapot"), /LKPS refused this.*About <b>\. \(teapot\)/s, "Try again"],
      ["a defect", problem(500, "internal_error"), /Something went wrong in LKPS.*urn:uuid:1/s, "Try again"],
      ["a crash", { status: 500 }, /Something went wrong in LKPS.*tell your platform team/s, "Try again"],
      ["a token that is refused", EXPIRED, /Your sign-in has expired/, "Sign in again"],
      [
        "a sign-in that Entra ends",
        EXPIRED,
        /Your sign-in has expired/,
        "Sign in again",
        oauthError("invalid_grant"),
      ],
      [
        "Entra down at a renewal",
        EXPIRED,
        /Microsoft Entra ID is not available/,
        "Try again",
        { status: 503 },
      ],
      ["Entra away at a renewal", EXPIRED, /Microsoft Entra ID is not available/, "Try again", "abort"],
      [
        "Entra too busy for a renewal",
        EXPIRED,
        /Microsoft Entra ID is not available/,
        "Try again",
        oauthError("temporarily_unavailable"),
      ],
    ];
    const page = await stack.signedIn();
    await textOf(page);
    for (const [failure, answer, expected, step, renewal] of failures) {
      const answers = [["**/api/agents/**", answer] as const, ["**/token", renewal] as const];
      for (const [path, one] of answers) {
        if (one !== undefined)
          await page.route(path, (route) => (one === "abort" ? route.abort() : route.fulfill(one)));
      }
      expect(await open(page, `#/agents/${AGENT}/usage`), failure).toMatch(expected);
      for (const [path] of answers) await page.unroute(path);
      await page.getByRole("button", { name: step }).click();
      if (step === "Sign in again") await page.getByRole("button", { name: "Olivia" }).click();
      await page.getByText("in the last 7 days").waitFor();
      expect(page.url(), failure).toBe(stack.url(`#/agents/${AGENT}/usage`));
      await open(page, "#/agents/1");
    }
  });

  test("if nobody can sign in because LKPS or Entra ID fails, says so and tries again", async () => {
    const page = await stack.visit();
    for (const [failing, title] of [
      ["**/api/console/configuration", "LKPS does not answer"],
      ["**/.well-known/openid-configuration", "Microsoft Entra ID is not available"],
    ] as const) {
      await page.route(failing, (route) => route.abort());
      await page.reload();
      await page.getByRole("heading", { name: title }).waitFor();
      await page.unroute(failing);
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByRole("button", { name: "Sign in with Microsoft" }).waitFor();
    }
    await enter(page);
  });

  test("renews a token that has expired meanwhile, and waits until it may read more, without a word", async () => {
    const page = await stack.signedIn();
    await textOf(page);
    for (const answer of [EXPIRED, problem(429, "too_many_reads", 1)]) {
      await page.route("**/api/agents/**", (route) => route.fulfill(answer), { times: 1 });
      expect(await open(page, `#/agents/${AGENT}/usage`)).toContain("in the last 7 days");
      await open(page, "#/agents/1");
    }
  });

  test("while a request takes 5 s, it says what it waits for", async () => {
    const page = await stack.visit();
    await page.clock.install();
    await enter(page);
    const answered = Promise.withResolvers<void>();
    await page.route("**/api/agents/**/usage?*", (route) => answered.promise.then(() => route.continue()));
    await page.evaluate(`location.hash = "#/agents/${AGENT}/usage"`);
    await page.getByText("Reading the usage…").waitFor();
    await page.clock.runFor(5_000);
    const longer = "This takes longer than usual. Still reading the usage…";
    await page.getByRole("status").getByText(longer).waitFor();
    answered.resolve();
    await page.getByText("in the last 7 days").waitFor();
  });

  test("with 1,000 clients, shows some, and finds any by its name", async () => {
    const page = await stack.signedIn(`#/agents/${BIG}`);
    expect(await textOf(page)).toContain("All 1000 client applications may start sessions");
    expect(await page.locator(".clients > li").count()).toBe(50);
    await page.getByRole("button", { name: "Show more of 1000" }).click();
    expect(await page.locator(".clients > li").count()).toBe(100);
    await page.getByLabel("Find a client by name or id").fill("number 777");
    await page.getByText("1 of 1000").waitFor();
    expect(await page.locator(".clients").textContent()).toContain("Client number 777");
  });

  test("with more than 10,000 sessions, shows live ones of any age first, and the history in pages", async () => {
    const page = await stack.signedIn();
    const { session_id: id } = await stack.startSession(CLIENT);
    await open(page, `#/agents/${AGENT}/sessions/${id}`);
    const read = page.waitForResponse("**/sessions?*");
    await open(page, `#/agents/${AGENT}/sessions`);
    const [session] = (await (await read).json()).sessions;
    const sessionAt = (n: number) => ({
      ...session,
      session_id: `${id.slice(0, -12)}${String(n).padStart(12, "0")}`,
      state: [5_000, 10_050].includes(n) ? "active" : "ended",
      agent_recalls: 1,
    });
    const goOn = Promise.withResolvers<void>();
    await page.route("**/sessions?*", async (route) => {
      const first = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
      if (first === 100) await goOn.promise;
      const sessions = Array.from({ length: 100 }, (_, n) => sessionAt(first + n));
      await route.fulfill({ json: { sessions, ...(first < 10_000 && { cursor: `${first + 100}` }) } });
    });
    await page.route("**/sessions/*", (route) => route.fulfill({ json: sessionAt(5_000) }));
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.getByText("0 live sessions among the newest 100 sessions. Still looking").waitFor();
    await page.getByText("1 to 100 of 100 sessions that are over so far.").waitFor();
    goOn.resolve();
    await page.getByText("the newest 10000 sessions. Older ones may be live, too.").waitFor();
    await page.getByText("1 to 100 of 9999 sessions").waitFor();
    await page.getByRole("button", { name: "Older", exact: true }).click();
    await page.getByText("101 to 200 of 9999 sessions").waitFor();
    expect(await page.locator(".sessions > li").count()).toBe(101);
    await page.getByRole("button", { name: "Newer" }).click();
    await page.getByRole("button", { name: "Look at older sessions" }).click();
    await page.getByText("2 live sessions.").waitFor();
    await page.getByText("1 to 100 of 10098 sessions that are over.").waitFor();
    await page.locator(".sessions a").first().click();
    expect(await textOf(page)).toContain("Agent called again1 timeEnded");
  });

  test("works with the keyboard: pages get the focus at their heading", async () => {
    const page = await stack.signedIn();
    await textOf(page);
    await tabTo(page, `a.name[href$="${AGENT}"]`);
    await page.keyboard.press("Enter");
    await page.locator("h1:focus", { hasText: "Agent <" }).waitFor();
    await tabTo(page, "a[href$=sessions]");
    await page.keyboard.press("Enter");
    await page.locator("h1:focus").waitFor();
    expect(await page.title()).toContain("Sessions · Agent");
    await tabTo(page, "button.danger");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
  });

  test("axe finds nothing wrong in light and dark colors, and nothing is wider than a phone", async () => {
    const width = 360;
    const page = await stack.visit("", { viewport: { width, height: 740 } });
    const check = async () => {
      expect(await violationsInBothColors(page)).toEqual([]);
      expect(await page.evaluate("document.scrollingElement.scrollWidth")).toBeLessThanOrEqual(width);
    };
    await check();
    await enter(page);
    await textOf(page);
    await check();
    const { session_id: id } = await stack.startSession(CLIENT);
    const paths = [
      "",
      "/dry-run",
      "/sessions",
      `/sessions/${id}`,
      "/usage",
      `/sessions/${crypto.randomUUID()}`,
    ];
    const hashes = paths.map((path) => `#/agents/${AGENT}${path}`);
    const others = [`#/agents/${MISNAMED}`, `#/agents/${OPTED_OUT}/dry-run`, `#/agents/${BIG}`];
    for (const hash of [...hashes, ...others]) {
      await open(page, hash);
      for (const summary of await page.locator("summary").all()) await summary.click();
      await check();
    }
    await open(page, `#/agents/${AGENT}/sessions/${id}`);
    await page.getByRole("button", { name: "End session" }).click();
    await check();
  });
});

/** A problem as LKPS answers it. */
function problem(status: number, code: string, retryAfter?: number) {
  const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  return { status, headers, json: { code, status, detail: "About <b>.", instance: "urn:uuid:1" } };
}
