import { expect, test } from "vitest";
import { errorMessageIn } from "../../src/adapters/entra/identity-endpoint-response.ts";

test.each([
  ["a GUID, as in the header of the app", "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a"],
  ["a GUID without dashes", "853b9a845bfa4b22a3f30b9a43d9ad8a"],
  [
    "a key in Base64",
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
  ],
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

test.each([undefined, null, "", "<html>", "7", '{"message":7}', "[]"])("%j has no error message", (body) => {
  expect(errorMessageIn(body)).toBe("");
});
