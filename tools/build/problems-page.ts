import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Marked, type Token } from "marked";
import { repositoryRoot } from "../repository-paths.ts";

// The `type` of a problem ends in `#CODE`, so a heading's id is its code.
const CODE = /^[a-z]+(_[a-z]+)*$/;

const markdown = new Marked({
  renderer: {
    heading({ tokens, depth, text }) {
      const id = depth === 2 ? ` id="${text}"` : "";
      return `<h${depth}${id}>${this.parser.parseInline(tokens)}</h${depth}>\n`;
    },
    // Other guides are not served, so a link to one becomes plain text.
    link({ href, tokens }) {
      return /^(https:|#)/.test(href) ? false : this.parser.parseInline(tokens);
    },
  },
});

/**
 * Creates the page that the `type` of each problem links to, from docs/problems.md and its template in
 * src/docs-page.
 *
 * @throws Error if a heading is not a code
 */
export async function problemsPage(): Promise<string> {
  const guide = await readFile(join(repositoryRoot, "docs", "problems.md"), "utf8");
  const frame = await readFile(join(repositoryRoot, "src", "docs-page", "problems.html"), "utf8");
  const tokens = markdown.lexer(guide);
  const codes = tokens.filter(isCodeHeading).map(({ text }) => text);
  const wrong = codes.filter((code) => !CODE.test(code));
  if (wrong.length > 0)
    throw new Error(`These headings in docs/problems.md are not codes: ${wrong.join(", ")}`);
  const first = tokens.findIndex(isCodeHeading);
  return frame
    .replace("<!-- introduction -->", () => markdown.parser(tokens.slice(0, first)))
    .replace("<!-- codes -->", () =>
      codes.map((code) => `<li><a href="#${code}">${code}</a></li>`).join("\n"),
    )
    .replace("<!-- problems -->", () => markdown.parser(tokens.slice(first)));
}

function isCodeHeading(token: Token): token is Token & { type: "heading"; text: string } {
  return token.type === "heading" && token["depth"] === 2;
}
