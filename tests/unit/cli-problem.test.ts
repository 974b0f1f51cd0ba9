import { expect, test } from "vitest";
import { problemText } from "../../cli/service/problem-text.ts";

const LKPS = "https://lkps.example.com";
const linesOf = (type: unknown) =>
  problemText({ status: 400, body: { code: "invalid_request", type } }, LKPS);

test("a problem's page is shown as an absolute URL", () => {
  const [, more = ""] = linesOf("/api/docs/problems.html#invalid_request");
  expect(more).toContain("More: https://lkps.example.com/api/docs/problems.html#invalid_request");
});

test.each([
  "https://elsewhere.example.com/#invalid_request",
  "//elsewhere.example.com/#invalid_request",
  "urn:lkps:problem:invalid_request",
  "javascript:alert(1)#x",
  "about:blank",
  "",
  "http://[",
  1,
  undefined,
])("a type that is not a page of LKPS is not shown: %s", (type) => {
  expect(linesOf(type)).toHaveLength(1);
});

test.each([
  [403, "client_not_pre_authorized", "✗"],
  [404, "agent_not_registered", "✗"],
  [403, "deployment_not_allowed", "✗"],
  [403, "application_token_required", "!"],
  [503, "directory_unavailable", "!"],
])("%i %s is marked %s: only a denial is a no", (status, code, symbol) => {
  expect(problemText({ status, body: { code } }, LKPS)[0]?.startsWith(symbol)).toBe(true);
});
