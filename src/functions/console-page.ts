import type { HttpRequest } from "@azure/functions";
import type { ConsoleSettings } from "../domain/person.ts";
import { endpoint } from "../http/endpoint.ts";
import { Problem } from "../http/problem.ts";
import { type ReadShippedFile, staticResponse } from "../http/static-file.ts";

interface ConsolePorts {
  readonly console: ConsoleSettings;
  readonly readConsoleFile: ReadShippedFile;
}

// An allowlist: a name from the URL never becomes a path.
const contentTypes: ReadonlyMap<string, string> = new Map([
  ["index.html", "text/html; charset=utf-8"],
  ["console.css", "text/css; charset=utf-8"],
  ["console.js", "text/javascript; charset=utf-8"],
]);

const serve =
  (
    { console: { authority, graphBaseUrl }, readConsoleFile }: ConsolePorts,
    fileOf: (request: HttpRequest) => string,
  ) =>
  async ({ request }: { readonly request: HttpRequest }) => {
    const file = fileOf(request);
    const contentType = contentTypes.get(file);
    if (contentType === undefined)
      return new Problem("not_found", { detail: "There is no such file. See /console." });
    const connectsTo = [new URL(authority).origin, graphBaseUrl];
    return staticResponse(request, contentType, await readConsoleFile(file), connectsTo);
  };

/** `GET /console`: the pages for people who own agents. Their own URLs are relative, for any gateway's path. */
export const consolePage = endpoint(
  {
    name: "consolePage",
    method: "GET",
    route: "console",
    caller: "none",
    responses: { 200: { mediaType: "text/html" } },
  },
  (ports: ConsolePorts) => {
    const page = serve(ports, () => "index.html");
    return async (context) =>
      // The host also accepts a trailing slash, which would break relative URLs.
      new URL(context.request.url).pathname.endsWith("/")
        ? { status: 308, headers: { location: "../console" } }
        : await page(context);
  },
);

/** `GET /console/{file}`: the page's script and style sheet; otherwise 404. */
export const consoleFile = endpoint(
  {
    name: "consoleFile",
    method: "GET",
    route: "console/{file}",
    caller: "none",
    responses: { 200: { mediaType: "*/*" } },
    problems: ["not_found"],
  },
  (ports: ConsolePorts) => serve(ports, ({ params }) => params["file"] ?? ""),
);
