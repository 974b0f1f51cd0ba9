import type { HttpRequest } from "@azure/functions";
import type { ConsoleSettings } from "../domain/verified-token.ts";
import { endpoint } from "../http/endpoint.ts";
import { Problem } from "../http/problem.ts";
import { type ReadShippedFile, staticResponse } from "../http/static-file.ts";

interface ConsolePorts {
  readonly console: ConsoleSettings;
  readonly readConsoleFile: ReadShippedFile;
}

const HTML = "text/html; charset=utf-8";
// An allowlist: a name from the URL never becomes a path.
const contentTypes: ReadonlyMap<string, string> = new Map([
  ["console.css", "text/css; charset=utf-8"],
  ["console.js", "text/javascript; charset=utf-8"],
]);

const serve = async (ports: ConsolePorts, request: HttpRequest, file: string, contentType: string) => {
  const { authority, graphBaseUrl } = ports.console;
  const connectsTo = [new URL(authority).origin, graphBaseUrl];
  return staticResponse(request, contentType, await ports.readConsoleFile(file), connectsTo);
};

/** `GET /console`: the pages for people who own agents. */
export const consolePage = endpoint(
  {
    name: "consolePage",
    method: "GET",
    route: "console",
    caller: "none",
    responses: { 200: { mediaType: HTML } },
  },
  (ports: ConsolePorts) =>
    async ({ request }) => {
      // The page's URLs are relative, like those of /api/docs.
      if (new URL(request.url).pathname.endsWith("/"))
        return { status: 308, headers: { location: "../console" } };
      return await serve(ports, request, "index.html", HTML);
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
  (ports: ConsolePorts) =>
    async ({ request }) => {
      const { file = "" } = request.params;
      const contentType = contentTypes.get(file);
      if (contentType !== undefined) return await serve(ports, request, file, contentType);
      return new Problem("not_found", { detail: "There is no such file. See /console." });
    },
);
