import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Context, Hono } from "hono";
import { applicationToken, readLocalStack } from "../../cli/sign-in/local-sign-in.ts";
import { gatewayProblem } from "./problem.ts";

// What only the local gateway has. LKPS itself serves none of it, so there is no sign-in in Azure that could be
// left on by mistake.

const SIGN_IN = "local-sign-in.js";
const START = '<script src="docs/start.js"';
const POLICY = "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'";

const home = `<!doctype html>
<html lang="en" class="guide">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>LKPS on this machine</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="api/docs/lkps.css" />
  </head>
  <body>
    <main>
      <h1>LKPS on this machine</h1>
      <p>This is the local gateway. It accepts requests with an access token from the local Entra ID.</p>
      <ul>
        <li><a href="console">Console</a>: who may start sessions with your agents, and who does</li>
        <li><a href="api/docs">API reference</a>: sign in as an agent or a client, and try requests</li>
        <li><a href="api/docs/problems.html">What each error means</a></li>
        <li><a href="api/openapi.json">OpenAPI document</a></li>
      </ul>
      <p>The terminal that runs <code>npm start</code> shows each request, and commands to copy.</p>
    </main>
  </body>
</html>
`;

/**
 * The local gateway's own pages: `/`, and the API reference with "Sign in as".
 *
 * @param getPage - gets a page of the app
 */
export function localPages(
  entraUrl: string,
  publicBaseUrl: string,
  getPage: (c: Context, method: "GET") => Promise<Response>,
): Hono {
  const uncached = { "Cache-Control": "no-store" };
  return new Hono()
    .get("/", (c) => c.html(home, 200, { ...uncached, "Content-Security-Policy": POLICY }))
    .get("/api/docs", async (c) => {
      // What is added to the page never changes, so the app's ETag is good for this one too.
      const page = await getPage(c, "GET");
      if (page.status !== 200) return page;
      const script = `<script src="docs/${SIGN_IN}" type="module"></script>\n    ${START}`;
      const html = Buffer.from((await page.text()).replace(START, script));
      page.headers.set("content-length", String(html.length));
      return new Response(html, { headers: page.headers });
    })
    .get(`/api/docs/${SIGN_IN}`, async (c) => {
      const script = await readFile(join(import.meta.dirname, SIGN_IN), "utf8");
      return c.body(script, 200, { ...uncached, "Content-Type": "text/javascript; charset=utf-8" });
    })
    .get("/api/docs/local-callers.json", async (c) => {
      const callers = await readCallers(entraUrl).catch(() => null);
      if (callers === null) return gatewayProblem("directory_unavailable", publicBaseUrl);
      return c.json(callers, 200, uncached);
    });
}

/** The applications of the local directory that can sign in, each with an access token for LKPS. */
async function readCallers(entraUrl: string): Promise<{ name: string; access_token: string }[]> {
  const { tenantId, applications } = await readLocalStack(entraUrl);
  return await Promise.all(
    applications.map(async (application) => ({
      name: application.display_name || application.client_id,
      access_token: await applicationToken(entraUrl, tenantId, application),
    })),
  );
}
