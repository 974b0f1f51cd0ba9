import type { HttpRequest, HttpResponseInit } from "@azure/functions";
import type { HttpTrigger } from "../http/endpoint.ts";

/** A file that is shipped beside the bundle, in `docs/`. */
interface ShippedFile {
  readonly content: Uint8Array;
  readonly gzipped: Uint8Array;
  /** Changes with the content. */
  readonly digest: string;
}

/** Reads one of them by its name. */
export type ReadShippedFile = (name: string) => Promise<ShippedFile>;

// What the page is made of, the page of the problems, and nothing else: a name is looked up here and never becomes a
// path.
const contentTypes: ReadonlyMap<string, string> = new Map([
  ["lkps.css", "text/css; charset=utf-8"],
  ["names.js", "text/javascript; charset=utf-8"],
  ["problems.html", "text/html; charset=utf-8"],
  ["start.js", "text/javascript; charset=utf-8"],
  ["swagger-ui.css", "text/css; charset=utf-8"],
  ["swagger-ui-bundle.js", "text/javascript; charset=utf-8"],
]);

/** Nothing from elsewhere, nothing inline, and no frame around it: the page is where people put access tokens. */
const pageHeaders = {
  // Of the viewer's style sheet, icons are data.
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** `GET /api/docs/{file}`: scripts and style sheets of the page, and the page of the problems; else an empty 404. */
export function docsFile(readShippedFile: ReadShippedFile): HttpTrigger {
  return {
    name: "docsFile",
    methods: ["GET"],
    route: "api/docs/{file}",
    caller: "none",
    handle: async ({ request }) => {
      const { file = "" } = request.params;
      const contentType = contentTypes.get(file);
      if (contentType === undefined) return { status: 404 };
      return staticAnswer(request, contentType, await readShippedFile(file));
    },
  };
}

/**
 * A file as browsers keep it: asked for again each time, and sent only if it has changed; compressed where they take it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
 */
export function staticAnswer(request: HttpRequest, contentType: string, file: ShippedFile): HttpResponseInit {
  const isGzipped = takesGzip(request.headers.get("accept-encoding") ?? "");
  const etag = `"${file.digest}${isGzipped ? "-gzip" : ""}"`;
  const headers = { ...pageHeaders, "cache-control": "no-cache", vary: "accept-encoding", etag };
  if (isNamed(etag, request.headers.get("if-none-match") ?? "")) return { status: 304, headers };
  return {
    headers: {
      ...headers,
      "content-type": contentType,
      ...(isGzipped && { "content-encoding": "gzip" }),
    },
    body: isGzipped ? file.gzipped : file.content,
  };
}

function takesGzip(acceptEncoding: string): boolean {
  return acceptEncoding.split(",").some((coding) => {
    const [name = "", weight = ""] = coding.split(";").map((part) => part.trim().toLowerCase());
    return (name === "gzip" || name === "*") && !/^q=0(\.0*)?$/.test(weight);
  });
}

/** Whether `If-None-Match` names the tag; a proxy on the way may have made a weak one of it. */
function isNamed(etag: string, ifNoneMatch: string): boolean {
  const named = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return named.includes(etag) || named.includes("*");
}
