import type { HttpTrigger } from "../http/endpoint.ts";
import { type ReadShippedFile, staticAnswer } from "./docs-file.ts";

/** `GET /api/docs`: a page to read the contract and to try it. It needs no other host. */
export function docs(readShippedFile: ReadShippedFile): HttpTrigger {
  return {
    name: "docs",
    methods: ["GET"],
    route: "api/docs",
    caller: "none",
    handle: async ({ request }) => {
      // The page's own addresses are relative, so that a gateway may put it anywhere: `docs/start.js`. The host takes
      // a slash at the end for the same route, and from there they would lead one level too deep.
      if (new URL(request.url).pathname.endsWith("/"))
        return { status: 308, headers: { location: "../docs" } };
      return staticAnswer(request, "text/html; charset=utf-8", await readShippedFile("index.html"));
    },
  };
}
