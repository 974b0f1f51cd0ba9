import type { HttpRequest, HttpResponseInit } from "@azure/functions";

/** A file that is shipped with the bundle. */
interface ShippedFile {
  readonly content: Uint8Array;
  readonly gzipped: Uint8Array;
  /** A hash of the content. */
  readonly digest: string;
}

/** Reads a shipped file by name. */
export type ReadShippedFile = (name: string) => Promise<ShippedFile>;

/** No third-party content, no inline scripts, no framing: people enter access tokens on this page. */
const pageHeaders = {
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * A response that browsers cache but revalidate each time; compressed if the browser accepts gzip.
 *
 * @param connectsTo - the origins that a page's scripts may call besides its own
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
 */
export function staticResponse(
  request: HttpRequest,
  contentType: string,
  file: ShippedFile,
  connectsTo: readonly string[] = [],
): Omit<HttpResponseInit, "jsonBody"> {
  const isGzipped = takesGzip(request.headers.get("accept-encoding") ?? "");
  const etag = `"${file.digest}${isGzipped ? "-gzip" : ""}"`;
  const headers = {
    ...pageHeaders,
    // The style sheets use data URLs for icons.
    "content-security-policy": `default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src ${["'self'", ...connectsTo].join(" ")}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "cache-control": "no-cache",
    vary: "accept-encoding",
    etag,
  };
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

/** Whether `If-None-Match` has the tag. A proxy may have made it a weak one. */
function isNamed(etag: string, ifNoneMatch: string): boolean {
  const named = ifNoneMatch.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return named.includes(etag) || named.includes("*");
}
