import { beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../tools/test/needs.ts";
import { type ExpressionCase, evaluate, expressionsOf } from "./policy-expressions.ts";

// What the policies decide, by their own expressions, compiled as C# over a `context` as Microsoft documents it. What
// API Management itself does with them cannot be tested here.

const POLICY = "api-management.xml";
const ANONYMOUS = "api-management-anonymous.xml";
const PROBLEM = "api-management-problem.xml";
const at = (file: string, words: string) => {
  const found = expressionsOf(file).flatMap((expression, index) =>
    expression.includes(words) ? [index] : [],
  );
  if (found.length !== 1) throw new Error(`${found.length} expressions of ${file} with ${words}`);
  return [file, found[0] ?? 0] as const;
};
const REQUEST = at(POLICY, "OriginalUrl");
const OPEN = at(ANONYMOUS, "OriginalUrl");
const TOKEN = at(POLICY, "RS256");
const CLIENT_ID = at(POLICY, "var claims");
const FAILED = at(POLICY, "LastError");

const APP = "c11e4700-0000-4000-8000-000000000001";
const V1 = "https://sts.windows.net/t/";
const V2 = "https://login.microsoftonline.com/t/v2.0";
const START = "/api/session/start";
const SESSION = "/api/agent/sessions/{session_id}";
type Token = NonNullable<ExpressionCase["token"]>;

const authorized = (value: string) => ({ headers: { authorization: [value] } });
const token = (claims: Record<string, string[]> = {}, changes: Partial<Token> = {}): { token: Token } => ({
  token: {
    algorithm: "RS256",
    issuer: V2,
    audiences: ["lkps"],
    claims: { ver: ["2.0"], azp: [APP], ...claims },
    ...changes,
  },
});
const v1 = (claims: Record<string, string[]> = {}) => ({
  token: { ...token().token, issuer: V1, claims: { ver: ["1.0"], appid: [APP], ...claims } },
});
const without = (claim: string) => {
  const { [claim]: _, ...claims } = token().token.claims as Record<string, string[]>;
  return { token: { ...token().token, claims } };
};
/** A request to that path, with one token. */
const to = (path: string, value = "Bearer a.b.c") => ({ path, ...authorized(value) });
const failure = (Source: string, Reason: string | null, Message: string | null = null) => ({
  error: { Source, Reason, Message },
});

const OWN = "application_token_required";
const table: [
  what: string,
  expression: ExpressionCase["expression"],
  given: Omit<ExpressionCase, "expression">,
  wanted: string,
][] = [
  ["a path with an encoded dot", REQUEST, to("/api/docs/%252e%252e/agent"), "invalid_request"],
  ["a path with a dot segment", REQUEST, to("/api/docs/../agent"), "invalid_request"],
  ["a path that ends in one", REQUEST, to("/api/agent/sessions/.."), "invalid_request"],
  ["an escape in the path of a page", OPEN, { path: "/api/docs/%2e%2e/agent/register" }, "invalid_request"],
  ["a path of a page", OPEN, { path: "/.well-known/authzen-configuration" }, ""],
  ["no token", REQUEST, { path: START }, "caller_unidentified"],
  ["an empty header", REQUEST, to(START, ""), "invalid_token"],
  ["another scheme", REQUEST, to(START, "Basic a.b.c"), "invalid_token"],
  [
    "two tokens",
    REQUEST,
    { path: START, headers: { authorization: ["Bearer a.b.c", "Bearer x.y.z"] } },
    "invalid_token",
  ],
  ["not a JWT", REQUEST, to(START, "Bearer opaque"), "invalid_token"],
  ["a JWT and a line break", REQUEST, to(START, "Bearer a.b.c\n"), "invalid_token"],
  ["one JWT, whatever the scheme's case", REQUEST, to("/.x/lkps.css", "bEARER  a-_.b.c"), ""],

  ["a v2 token", TOKEN, token(), ""],
  ["a v1 token", TOKEN, v1(), ""],
  ["a token that never expires", TOKEN, token({}, { expires: false }), "invalid_token"],
  ["another algorithm", TOKEN, token({}, { algorithm: "PS256" }), "invalid_token"],
  ["a v2 token of the v1 issuer", TOKEN, token({}, { issuer: V1 }), "invalid_token"],
  ["a v1 token of the v2 issuer", TOKEN, { token: { ...v1().token, issuer: V2 } }, "invalid_token"],
  ["no version", TOKEN, without("ver"), "invalid_token"],
  ["another version", TOKEN, token({ ver: ["3.0"] }), "invalid_token"],
  ["two audiences", TOKEN, token({}, { audiences: ["lkps", "other"] }), "invalid_token"],
  ["cnf", TOKEN, token({ cnf: ["{}"] }), "invalid_token"],
  ["no application", TOKEN, without("azp"), "invalid_token"],
  [
    "a v2 token that names one as v1 does",
    TOKEN,
    { token: { ...token().token, claims: { ver: ["2.0"], appid: [APP] } } },
    "invalid_token",
  ],
  ["two applications", TOKEN, token({ azp: [APP, APP] }), "invalid_token"],
  ["a line break in its application", TOKEN, token({ azp: [`${APP}\n`] }), "invalid_token"],
  ["braces around it", TOKEN, token({ azp: [`{${APP}}`] }), "invalid_token"],
  ["a user's token for a start", TOKEN, { template: START, ...token({ scp: ["x"], idtyp: ["user"] }) }, ""],
  ["a user's token there", TOKEN, { template: SESSION, ...token({ scp: ["x"] }) }, OWN],
  ["an empty scp there", TOKEN, { template: SESSION, ...token({ scp: [""] }) }, OWN],
  ["a user there", TOKEN, { template: SESSION, ...token({ idtyp: ["user"] }) }, OWN],
  [
    "a user's token for a route of people who own agents",
    TOKEN,
    { template: "/api/agents/{agent}/sessions", ...token({ scp: ["access_as_user"], idtyp: ["user"] }) },
    "",
  ],
  ["idtyp app there", TOKEN, { template: SESSION, ...token({ idtyp: ["app"] }) }, ""],
  ["an application's token there", TOKEN, { template: SESSION, ...token() }, ""],
  ["a length of 64 KiB", TOKEN, { ...token(), bodyLength: 1, headers: { "content-length": ["65536"] } }, ""],
  [
    "a length of more",
    TOKEN,
    { ...token(), bodyLength: 1, headers: { "content-length": ["65537"] } },
    "body_too_large",
  ],
  ["chunks of 64 KiB", TOKEN, { ...token(), bodyLength: 65_536 }, ""],
  ["chunks of more", TOKEN, { ...token(), bodyLength: 65_537 }, "body_too_large"],

  ["the application of a v2 token", CLIENT_ID, token({ appid: ["other"] }), APP],
  ["the application of a v1 token", CLIENT_ID, v1({ azp: ["other"] }), APP],

  ["no such operation", FAILED, failure("configuration", "OperationNotFound"), "not_found"],
  [
    "an expired token",
    FAILED,
    failure("validate-azure-ad-token", "TokenExpired", "expired"),
    "invalid_token",
  ],
  ["a token that fails for no reason", FAILED, failure("validate-azure-ad-token", null), "invalid_token"],
  [
    "keys that cannot be had",
    FAILED,
    failure("validate-azure-ad-token", "JwtInvalid", "IDX20803: Unable to obtain"),
    "directory_unavailable",
  ],
  ["no connection to LKPS", FAILED, failure("forward-request", "BackendConnectionFailure"), "bad_gateway"],
  ["no answer of LKPS in time", FAILED, failure("forward-request", "Timeout"), "bad_gateway"],
  ["a body that is refused", FAILED, { ...failure("request", null), statusCode: 413 }, "body_too_large"],
  ["anything else", FAILED, failure("set-variable", "ExpressionValueEvaluationFailure"), "internal_error"],
];

const PARTS = { body: at(PROBLEM, "JObject.Parse(@"), status: at(PROBLEM, "(int)JObject") } as const;
const CHALLENGE = at(PROBLEM, 'invalid_token" ? "Bearer error');
const SETS_REQUEST_ID = at(PROBLEM, "Regex.IsMatch");
const ids: [given: string, action: string][] = [
  ["a b~!", "override"],
  ["x".repeat(128), "override"],
  ["x".repeat(129), "delete"],
  ["", "delete"],
  ["café", "delete"],
  ["a\n", "delete"],
];

describe("the policies of API Management", await needs("dotnet"), () => {
  let answers: unknown[] = [];
  const cases: ExpressionCase[] = [
    ...table.map(([, expression, given]) => ({ expression, ...given })),
    { expression: PARTS.body, variables: { refusal: "invalid_token" } },
    { expression: PARTS.status, variables: { refusal: "invalid_token", problem: '{"status":401}' } },
    ...["invalid_token", "caller_unidentified"].map((refusal) => ({
      expression: CHALLENGE,
      variables: { refusal },
    })),
    ...ids.map(([id]) => ({ expression: SETS_REQUEST_ID, headers: { "x-request-id": [id] } })),
  ];
  beforeAll(async () => {
    answers = await evaluate([POLICY, ANONYMOUS, PROBLEM], cases);
  });

  test.each(
    table.map(([what, , , wanted], index) => ({ what, wanted: wanted || "nothing to refuse", index })),
  )("make of $what: $wanted", ({ index }) => {
    expect(answers[index]).toBe(table[index]?.[3]);
  });

  test("refuse with a problem and a challenge", () => {
    const [body, status, ...challenges] = answers.slice(table.length);
    expect(JSON.parse(String(body))).toEqual({
      type: "PUBLIC_BASE_URL/api/docs/problems.html#invalid_token",
      title: "The access token is not valid",
      status: 401,
      detail: expect.stringMatching(/\.$/),
      instance: expect.stringMatching(/^urn:lkps:gateway:[0-9a-f-]{36}$/),
      code: "invalid_token",
    });
    expect([status, ...challenges.slice(0, 2)]).toEqual([401, 'Bearer error="invalid_token"', "Bearer"]);
  });

  test.each(ids.map(([given, action], index) => ({ given, action, index })))(
    "$action X-Request-ID $given on a refusal",
    ({ action, index }) => {
      expect(answers.slice(-ids.length)[index]).toBe(action);
    },
  );
});
