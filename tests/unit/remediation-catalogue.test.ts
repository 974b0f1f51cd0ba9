import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkOf, denialCodes } from "../../src/domain/decision.ts";
import { APP_REGISTRATION, remediations } from "../../src/domain/remediation-catalogue.ts";
import { denialProblem } from "../../src/functions/start-session.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";

const page = readFileSync(join(repositoryRoot, "docs", "problems.md"), "utf8");
const sections = new Map(page.split(/^## /m).map((section) => [section.split("\n", 1)[0], section]));

test.each(denialCodes)("docs/problems.md and the problem say what fixes %s as the catalogue does", (code) => {
  const section = sections.get(code)?.replaceAll(/[*`]/g, "").replaceAll(/\s+/g, " ");
  expect(section).toContain(
    `Agent's owner: ${remediations[code](APP_REGISTRATION, "the client application")}`,
  );

  const problem = denialProblem({ code, check: checkOf[code] }, "");
  const { detail, check } = JSON.parse(problem.toResponse("").body as string);
  expect(detail).toContain(` ${remediations[code](APP_REGISTRATION, "your client application")}.`);
  expect(detail).toMatch(/\bowner('s)?\b/);
  if (check !== undefined) expect(detail).toMatch(new RegExp(`^Check ${check} of 3 failed: `));
});
