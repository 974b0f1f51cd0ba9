import { endpoint } from "../http/endpoint.ts";
import { Problem } from "../http/problem.ts";
import { type StaticFilePorts, staticResponse } from "../http/static-file.ts";

const HTML = "text/html; charset=utf-8";

/** `GET /api/docs`: a page to read and try the API. It loads nothing from other hosts. */
export const docs = endpoint(
  {
    name: "docs",
    method: "GET",
    route: "api/docs",
    caller: "none",
    documentation: {
      tag: "Service",
      summary: "Read and try the API in a browser",
      description:
        "The page loads nothing from other hosts. `/api/docs/problems.html` explains each error code.",
    },
    responses: { 200: { mediaType: HTML } },
  },
  ({ readShippedFile }: StaticFilePorts) =>
    async ({ request }) => {
      // The page's URLs are relative (`docs/start.js`), so that a gateway can serve it under any path. The
      // host also accepts a trailing slash, which would break them.
      if (new URL(request.url).pathname.endsWith("/"))
        return { status: 308, headers: { location: "../docs" } };
      return staticResponse(request, HTML, await readShippedFile("index.html"));
    },
);

// An allowlist: a name from the URL never becomes a path.
const contentTypes: ReadonlyMap<string, string> = new Map([
  ["lkps.css", "text/css; charset=utf-8"],
  ["names.js", "text/javascript; charset=utf-8"],
  ["problems.html", "text/html; charset=utf-8"],
  ["start.js", "text/javascript; charset=utf-8"],
  ["swagger-ui.css", "text/css; charset=utf-8"],
  ["swagger-ui-bundle.js", "text/javascript; charset=utf-8"],
]);

/** `GET /api/docs/{file}`: the page's scripts and style sheets, and the problems page; otherwise 404. */
export const docsFile = endpoint(
  {
    name: "docsFile",
    method: "GET",
    route: "api/docs/{file}",
    caller: "none",
    responses: { 200: { mediaType: "*/*" } },
    problems: ["not_found"],
  },
  ({ readShippedFile }: StaticFilePorts) =>
    async ({ request }) => {
      const { file = "" } = request.params;
      const contentType = contentTypes.get(file);
      if (contentType === undefined) {
        return new Problem("not_found", { detail: "There is no such file. See /api/docs." });
      }
      return staticResponse(request, contentType, await readShippedFile(file));
    },
);
