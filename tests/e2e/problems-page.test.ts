import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ProblemCode, problemTypes } from "../../src/contract/problem-types.ts";
import { Problem } from "../../src/http/problem.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { send } from "../support/service.ts";
import { useService } from "../support/use-service.ts";

const codes = Object.keys(problemTypes) as ProblemCode[];
// Codes that no error of LKPS has: that of an evaluation that does not apply, and those of gateways.
const documented = [...codes, "not_applicable", "bad_gateway"];

const service = useService();

/** The URL that the problem's `type` resolves to for a caller. */
function pageOf(code: ProblemCode): URL {
  const { type } = JSON.parse(new Problem(code, { detail: "" }).toResponse("").body as string);
  return new URL(type, service.stack.gatewayUrl);
}

const served = (page: URL) => send(page.href, "GET", undefined);

test("docs/problems.md has one section for each code, including not_applicable and the gateways' own", async () => {
  const guide = await readFile(join(repositoryRoot, "docs", "problems.md"), "utf8");
  const headings = [...guide.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings.sort()).toEqual(documented.toSorted());
});

test.each(codes)("the type of %s links to its section, which begins with its status", async (code) => {
  const page = pageOf(code);
  const { status, headers, text } = await served(page);
  expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  expect(page.hash).toBe(`#${code}`);
  expect(text.split(`id="${code}"`)).toHaveLength(2);
  expect(text).toContain(`<h2 id="${code}">${code}</h2>\n<p><strong>${problemTypes[code].status}</strong>`);
});

test("the page has no script and no broken link", async () => {
  const page = pageOf("internal_error");
  const { text } = await served(page);
  expect(text).not.toMatch(/<script|style=|<!-- /);
  const links = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link = ""]) => new URL(link, page));
  const here = links.filter(({ origin, pathname }) => origin === page.origin && pathname !== page.pathname);
  expect(here.map(({ pathname }) => pathname).sort()).toEqual(["/api/docs", "/api/docs/lkps.css"]);
  const within = links.filter(({ pathname }) => pathname === page.pathname).map(({ hash }) => hash.slice(1));
  expect(within.sort()).toEqual(documented.toSorted());
  expect(links.filter(({ origin }) => origin !== page.origin).map(({ href }) => href)).toEqual(["data:,"]);
});
