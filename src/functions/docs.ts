import { endpoint } from "../http/endpoint.ts";
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
