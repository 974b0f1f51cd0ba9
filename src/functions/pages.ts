import { endpoint } from "../http/endpoint.ts";
import { Problem } from "../http/problem.ts";
import { type ReadShippedFile, staticResponse } from "../http/static-file.ts";
import type { ConsolePorts, Ports } from "./ports.ts";

/** A page, and the files that it loads. */
interface Page<Ports> {
  readonly name: string;
  readonly route: string;
  readonly documentation?: { readonly tag: string; readonly summary: string; readonly description: string };
  /** The content type of each file. An allowlist: a name from the URL never becomes a path. */
  readonly files: Readonly<Record<string, string>>;
  readonly reader: (ports: Ports) => ReadShippedFile;
  /** The origins that its scripts may call besides their own. */
  readonly connectsTo?: (ports: Ports) => readonly string[];
}

const HTML = "text/html; charset=utf-8";
const CSS = "text/css; charset=utf-8";
const JAVASCRIPT = "text/javascript; charset=utf-8";

/** The endpoints `GET /{route}`, the page, and `GET /{route}/{file}`, its files; otherwise 404. */
function pageEndpoints<Ports>({
  name,
  route,
  documentation,
  files,
  reader,
  connectsTo = () => [],
}: Page<Ports>) {
  const page = endpoint(
    {
      name,
      method: "GET",
      route,
      caller: "none",
      ...(documentation && { documentation }),
      responses: { 200: { mediaType: HTML } },
    },
    (ports: Ports) =>
      async ({ request }) => {
        // The page's URLs are relative (`docs/start.js`), so that a gateway can serve it under any path. The
        // host also accepts a trailing slash, which would break them.
        if (new URL(request.url).pathname.endsWith("/"))
          return { status: 308, headers: { location: `../${route.split("/").at(-1)}` } };
        return staticResponse(request, HTML, await reader(ports)("index.html"), connectsTo(ports));
      },
  );
  const file = endpoint(
    {
      name: `${name}File`,
      method: "GET",
      route: `${route}/{file}`,
      caller: "none",
      responses: { 200: { mediaType: "*/*" } },
      problems: ["not_found"],
    },
    (ports: Ports) =>
      async ({ request }) => {
        const { file = "" } = request.params;
        const contentType = Object.hasOwn(files, file) ? files[file] : undefined;
        if (contentType === undefined)
          return new Problem("not_found", { detail: `There is no such file. See /${route}.` });
        return staticResponse(request, contentType, await reader(ports)(file), connectsTo(ports));
      },
  );
  return [page, file] as const;
}

/** `GET /api/docs`: a page to read and try the API, and the problems page. They load nothing from other hosts. */
export const docs = pageEndpoints({
  name: "docs",
  route: "api/docs",
  documentation: {
    tag: "Service",
    summary: "Read and try the API in a browser",
    description:
      "The page loads nothing from other hosts. `/api/docs/problems.html` explains each error code.",
  },
  files: {
    "lkps.css": CSS,
    "names.js": JAVASCRIPT,
    "problems.html": HTML,
    "start.js": JAVASCRIPT,
    "swagger-ui.css": CSS,
    "swagger-ui-bundle.js": JAVASCRIPT,
  },
  reader: ({ readShippedFile }: Pick<Ports, "readShippedFile">) => readShippedFile,
});

/** `GET /console`: the pages for people who own agents. */
export const consolePages = pageEndpoints({
  name: "console",
  route: "console",
  files: { "console.css": CSS, "console.js": JAVASCRIPT },
  reader: ({ readConsoleFile }: Pick<ConsolePorts, "console" | "readConsoleFile">) => readConsoleFile,
  connectsTo: ({ console: { authority, graphBaseUrl } }) => [new URL(authority).origin, graphBaseUrl],
});
