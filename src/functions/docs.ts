import { endpoint } from "../http/endpoint.ts";
import { type StaticFilePorts, staticAnswer } from "../http/static-file.ts";

const HTML = "text/html; charset=utf-8";

/** `GET /api/docs`: a page to read the contract and to try it. It needs no other host. */
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
        "A page that needs no other host. `/api/docs/problems.html` explains what each error code means.",
    },
    answers: { 200: { mediaType: HTML } },
  },
  ({ readShippedFile }: StaticFilePorts) =>
    async ({ request }) => {
      // The page's own addresses are relative, so that a gateway may put it anywhere: `docs/start.js`. The host takes
      // a slash at the end for the same route, and from there they would lead one level too deep.
      if (new URL(request.url).pathname.endsWith("/"))
        return { status: 308, headers: { location: "../docs" } };
      return staticAnswer(request, HTML, await readShippedFile("index.html"));
    },
);
