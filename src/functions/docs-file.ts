import { endpoint } from "../http/endpoint.ts";
import { Problem } from "../http/problem.ts";
import { type StaticFilePorts, staticAnswer } from "../http/static-file.ts";

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

/** `GET /api/docs/{file}`: scripts and style sheets of the page, and the page of the problems; else an empty 404. */
export const docsFile = endpoint(
  {
    name: "docsFile",
    method: "GET",
    route: "api/docs/{file}",
    caller: "none",
    answers: { 200: { mediaType: "*/*" } },
    problems: ["not_found"],
  },
  ({ readShippedFile }: StaticFilePorts) =>
    async ({ request }) => {
      const { file = "" } = request.params;
      const contentType = contentTypes.get(file);
      if (contentType === undefined) {
        return new Problem("not_found", { detail: "There is no such file. See /api/docs." });
      }
      return staticAnswer(request, contentType, await readShippedFile(file));
    },
);
