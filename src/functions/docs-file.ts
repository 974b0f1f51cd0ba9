import type { HttpTrigger } from "./http-trigger.ts";

/** Reads one of the files that are shipped beside the bundle, in `docs/`. */
export type ReadShippedFile = (name: string) => Promise<Uint8Array>;

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
export const pageHeaders = {
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
    reachedBy: "anyone",
    handle: async ({ request }) => {
      const { file = "" } = request.params;
      const contentType = contentTypes.get(file);
      if (contentType === undefined) return { status: 404 };
      return {
        headers: { ...pageHeaders, "content-type": contentType },
        body: await readShippedFile(file),
      };
    },
  };
}

/** Keeps what `read` has read: from the first request on, and not from the start. What failed is read again. */
export function keptInMemory(read: ReadShippedFile): ReadShippedFile {
  const kept = new Map<string, Uint8Array>();
  return async (name) => {
    const content = kept.get(name) ?? (await read(name));
    kept.set(name, content);
    return content;
  };
}
