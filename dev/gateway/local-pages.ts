import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { lkpsClientId } from "../local-defaults.ts";
import type { AppResponse } from "./forward.ts";
import { gatewayProblem } from "./gateway-problem.ts";

// What only the local gateway has. LKPS itself serves none of it, so there is no sign-in in Azure that could be
// left on by mistake.

const TIMEOUT_MS = 5_000;
const SIGN_IN = "local-sign-in.js";
const NO_STORE = ["Cache-Control", "no-store"];
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
 * @returns null for anything else, and for the API reference if LKPS can't be reached
 */
export async function localPage(
  request: IncomingMessage,
  path: string,
  { appUrl, entraUrl }: { appUrl: string; entraUrl?: string },
): Promise<AppResponse | null> {
  if (entraUrl === undefined || !["GET", "HEAD"].includes(request.method ?? "")) return null;
  switch (path) {
    case "/":
      return ok("text/html; charset=utf-8", home, ["Content-Security-Policy", POLICY, ...NO_STORE]);
    case "/api/docs":
      return await docsWithSignIn(appUrl).catch(() => null);
    case `/api/docs/${SIGN_IN}`:
      return ok(
        "text/javascript; charset=utf-8",
        await readFile(join(import.meta.dirname, SIGN_IN), "utf8"),
        NO_STORE,
      );
    case "/api/docs/local-callers.json":
      return await readCallers(entraUrl).then(
        (callers) => ok("application/json", JSON.stringify(callers), NO_STORE),
        () => gatewayProblem("directory_unavailable", request),
      );
    default:
      return null;
  }
}

async function docsWithSignIn(appUrl: string): Promise<AppResponse | null> {
  const page = await fetch(`${appUrl}/api/docs`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!page.ok) return null;
  const html = (await page.text()).replace(
    START,
    `<script src="docs/${SIGN_IN}" type="module"></script>\n    ${START}`,
  );
  const own = ["content-length", "content-encoding", "content-type", "etag", "date"];
  const headers = [...page.headers].filter(([name]) => !own.includes(name));
  return ok("text/html; charset=utf-8", html, headers.flat());
}

/** The applications of the local directory that can sign in, each with an access token for LKPS. */
async function readCallers(entraUrl: string): Promise<{ name: string; access_token: string }[]> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const { tenant_id, applications } = (await (await fetch(`${entraUrl}/local-stack`, { signal })).json()) as {
    tenant_id: string;
    applications: { client_id: string; display_name: string; client_secret: string }[];
  };
  return await Promise.all(
    applications.map(async ({ client_id, display_name, client_secret }) => {
      const form = { grant_type: "client_credentials", scope: `${lkpsClientId}/.default` };
      const response = await fetch(`${entraUrl}/${tenant_id}/oauth2/v2.0/token`, {
        method: "POST",
        signal,
        body: new URLSearchParams({ ...form, client_id, client_secret }),
      });
      const { access_token } = (await response.json()) as { access_token: string };
      return { name: display_name || client_id, access_token };
    }),
  );
}

function ok(contentType: string, text: string, headers: readonly string[]): AppResponse {
  const body = Buffer.from(text);
  return {
    status: 200,
    statusText: "OK",
    headers: ["Content-Type", contentType, "Content-Length", String(body.length), ...headers],
    body,
  };
}
