import type { HttpRequest, HttpResponseInit } from "@azure/functions";

/** A file that is shipped beside the bundle, in `docs/`. */
interface ShippedFile {
  readonly content: Uint8Array;
  readonly gzipped: Uint8Array;
  /** Changes with the content. */
  readonly digest: string;
}

/** Reads one of them by its name. */
type ReadShippedFile = (name: string) => Promise<ShippedFile>;

/** What an endpoint that serves such files needs. */
export interface StaticFilePorts {
  readonly readShippedFile: ReadShippedFile;
}

/** Nothing from elsewhere, nothing inline, and no frame around it: the page is where people put access tokens. */
const pageHeaders = {
  // Of the viewer's style sheet, icons are data.
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * A file as browsers keep it: asked for again each time, and sent only if it has changed; compressed where they take it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
 */
export function staticAnswer(
  request: HttpRequest,
  contentType: string,
  file: ShippedFile,
): Omit<HttpResponseInit, "jsonBody"> {
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
  const weights = new Map(
    acceptEncoding.split(",").map((coding) => {
      const [name = "", weight = ""] = coding.split(";").map((part) => part.trim().toLowerCase());
      return [name, weight];
    }),
  );
  const weight = weights.get("gzip") ?? weights.get("*");
  return weight !== undefined && !/^q=0(\.0*)?$/.test(weight);
}

/** Whether `If-None-Match` names the tag; a proxy on the way may have made a weak one of it. */
function isNamed(etag: string, ifNoneMatch: string): boolean {
  const named = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return named.includes(etag) || named.includes("*");
}
