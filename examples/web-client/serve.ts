import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { localApplications, localToken } from "./local-applications.ts";
import type { Settings } from "./settings.ts";

// Serves the page, bundled at each load. Listens on 127.0.0.1 only, because it issues access tokens of the local
// directory's clients. Settings come from environment variables, or else from local.env.
const usage = `Usage: npm run web

Serves the web client on 127.0.0.1. Its settings are environment variables: PORT (5173), and those of
examples/local.env.`;
checkArguments();
process.loadEnvFile(join(import.meta.dirname, "..", "local.env"));

const port = Number(process.env["PORT"] || 5_173);

const server = createServer(async (request, response) => {
  const send = (type: string, body: string | Uint8Array, status = 200) =>
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
  try {
    // Not every path is a URL: `//` names an empty host.
    const url = URL.parse(request.url ?? "/", "http://127.0.0.1");
    // A page on another host, whose name now leads here (DNS rebinding), gets no access token.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? ""))
      send("text/plain", "This server is for this machine only.", 403);
    else if (url === null) send("text/plain", "Not found", 404);
    else if (url.pathname === "/") send("text/html", await readFile(join(import.meta.dirname, "index.html")));
    else if (url.pathname === "/main.js") send("text/javascript", await bundle());
    else if (url.pathname === "/access-token") send("text/plain", await tokenFor(url.searchParams.get("as")));
    else send("text/plain", "Not found", 404);
  } catch (error) {
    send("text/plain", error instanceof Error ? error.message : String(error), 500);
  }
});
server.on("error", ({ message }) => {
  console.error(`The web client can't start: ${message}. To use a different port, set PORT.`);
  process.exit(1);
});
server.listen(port, "127.0.0.1", () => {
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : port}`;
  console.log(`The web client is at ${origin}.`);
  if (port !== 5_173) console.log(`LKPS must allow this origin: npm start -- --cors ${origin}`);
});

function checkArguments(): void {
  try {
    if (!parseArgs({ options: { help: { type: "boolean", short: "h" } } }).values.help) return;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}

async function bundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "main.ts")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    sourcemap: "inline",
    define: { SETTINGS: JSON.stringify(await readSettings()) },
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

async function readSettings(): Promise<Settings> {
  // Without the stand-in, the page says so.
  const found = await localApplications(setting("ENTRA_TOKEN_URL")).catch(() => []);
  const named = (what: RegExp) =>
    found
      .filter(({ display_name }) => what.test(display_name))
      .map(({ client_id, display_name }) => ({ id: client_id, name: display_name }));
  const [lkpsUrl, agent] = [setting("LKPS_URL"), setting("AGENT_ENTRA_APP_ID")];
  return { lkpsUrl, agent, agents: named(/agent/i), clients: named(/client/i) };
}

async function tokenFor(application: string | null): Promise<string> {
  return await localToken(application ?? "", setting("ENTRA_TOKEN_URL"), setting("LKPS_SCOPE"));
}

function setting(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: see local.env`);
}
