import { describe, expect, test } from "vitest";
import { errorMessageIn, holdsValidToken } from "../../src/adapters/entra/identity-endpoint-response.ts";

test.each([
  ["a GUID, as in the header of the app", "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a"],
  ["a GUID without dashes", "853b9a845bfa4b22a3f30b9a43d9ad8a"],
  [
    "a key in Base64",
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
  ],
  ["a text with a late digit", "abcdefghijklmnopqrst1"],
  ["a long text without digits", "abcdefghijklmnopqrstuvwxyzabcdefghijk"],
])("an error message is logged without %s", (_, secret) => {
  for (const body of [{ message: `No '${secret}'.` }, { error: { message: `No '${secret}'.` } }]) {
    expect(errorMessageIn(JSON.stringify(body))).toBe(": No '…'.");
  }
});

test("an error message keeps its words, its code, and Microsoft's hosts", () => {
  const message = "AADSTS700016: not found on login.microsoftonline.com at 2026-11-28";
  expect(errorMessageIn(JSON.stringify({ error: "invalid", error_description: message }))).toBe(
    `: ${message}`,
  );
});

test("a long error message is cut off", () => {
  expect(errorMessageIn(JSON.stringify({ message: "no ".repeat(200) }))).toHaveLength(302);
});

test.each([undefined, null, "", "{}", "<html>", "7", '{"message":7}', "[]"])(
  "%j has no error message",
  (body) => {
    expect(errorMessageIn(body)).toBe("");
  },
);

describe("a token", () => {
  const inSeconds = (seconds: number) => String(Date.now() / 1_000 + seconds);
  const body = (changes: object) =>
    JSON.stringify({ access_token: "a.b-c~1", expires_on: inSeconds(60), ...changes });

  test.each([
    ["until its time in seconds", {}],
    ["until its time as a number", { expires_on: Date.now() / 1_000 + 60 }],
    ["until its date", { expires_on: new Date(Date.now() + 60_000).toISOString() }],
  ])("is valid %s", (_, changes) => expect(holdsValidToken(body(changes), new Date())).toBe(true));

  test.each([
    ["expired a minute ago", { expires_on: inSeconds(-60) }],
    ["expired at a date", { expires_on: new Date(Date.now() - 60_000).toISOString() }],
    ["has no expiry", { expires_on: undefined }],
    ["has an expiry that is no time", { expires_on: "never" }],
    ["is empty", { access_token: "" }],
    ["is missing", { access_token: undefined }],
    ["is a number", { access_token: 7 }],
    ["is an object", { access_token: { a: 1 } }],
    ["holds a space", { access_token: "a b" }],
    ["begins with a line end", { access_token: "\nab" }],
    ["ends with a line end", { access_token: "ab\n" }],
    ["holds a letter beyond ASCII", { access_token: "é" }],
  ])("is not valid if it %s", (_, changes) => expect(holdsValidToken(body(changes), new Date())).toBe(false));

  test.each([undefined, null, "", "null", "7", "[]", "{}", '{"statusCode":400}', "<html>"])(
    "is not in %j",
    (text) => expect(holdsValidToken(text, new Date())).toBe(false),
  );
});
