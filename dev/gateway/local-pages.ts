import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { lkpsClientId } from "../local-defaults.ts";
import type { AppResponse } from "./forward.ts";
import { HOP_BY_HOP } from "./forward.ts";
import { gatewayProblem, requestIdHeader } from "./gateway-problem.ts";

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
  {
    appUrl,
    entraUrl,
    publicBaseUrl = "",
  }: { appUrl: string; entraUrl?: string; publicBaseUrl?: string | undefined },
): Promise<AppResponse | null> {
  const requestId = requestIdHeader(request);
  if (entraUrl === undefined || !["GET", "HEAD"].includes(request.method ?? "")) return null;
  switch (path) {
    case "/":
      return ok("text/html; charset=utf-8", home, [
        "Content-Security-Policy",
        POLICY,
        ...NO_STORE,
        ...requestId,
      ]);
    case "/api/docs":
      return await docsWithSignIn(request, appUrl).catch(() => null);
    case `/api/docs/${SIGN_IN}`:
      return ok(
        "text/javascript; charset=utf-8",
        await readFile(join(import.meta.dirname, SIGN_IN), "utf8"),
        [...NO_STORE, ...requestId],
      );
    case "/api/docs/local-callers.json":
      return await readCallers(entraUrl).then(
        (callers) => ok("application/json", JSON.stringify(callers), [...NO_STORE, ...requestId]),
        () => gatewayProblem("directory_unavailable", request, publicBaseUrl),
      );
    default:
      return null;
  }
}

async function docsWithSignIn(
  { headers: asked }: IncomingMessage,
  appUrl: string,
): Promise<AppResponse | null> {
  const passedOn = ["if-none-match", "x-request-id"].flatMap((name): [string, string][] => {
    const value = asked[name];
    return typeof value === "string" ? [[name, value]] : [];
  });
  const page = await fetch(`${appUrl}/api/docs`, {
    headers: [...passedOn, ["accept-encoding", "identity"]],
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (![200, 304].includes(page.status)) return null;
  const html = (await page.text()).replace(
    START,
    `<script src="docs/${SIGN_IN}" type="module"></script>\n    ${START}`,
  );
  const own = ["content-length", "content-encoding", "content-type", "date", ...HOP_BY_HOP];
  const headers = [...page.headers].filter(([name]) => !own.includes(name)).flat();
  // What is added to the page never changes, so the app's ETag is good for this one too.
  if (page.status === 304) return { status: 304, statusText: "Not Modified", headers, body: Buffer.alloc(0) };
  return ok("text/html; charset=utf-8", html, headers);
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
