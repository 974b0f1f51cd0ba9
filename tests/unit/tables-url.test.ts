import { TableClient } from "@azure/data-tables";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { tablesUrlOf } from "../../src/settings/tables-url.ts";

/** The SDK's endpoint, or undefined if the SDK rejects the string. */
function urlOfSdk(connectionString: string): string | undefined {
  try {
    const { url } = TableClient.fromConnectionString(connectionString, "agents", {
      allowInsecureConnection: true,
    });
    return url.replace(/\?.*$/s, "");
  } catch {
    return undefined;
  }
}

const letterCase = (text: string) =>
  fc.constantFrom(text, text.toLowerCase(), text.toUpperCase(), `${text}x`, `x${text}`, "");
const name = fc
  .constantFrom(
    ...["DefaultEndpointsProtocol", "AccountName", "AccountKey", "EndpointSuffix", "TableEndpoint"],
    ...["SharedAccessSignature", "BlobEndpoint", "UseDevelopmentStorage", "DevelopmentStorageProxyUri"],
  )
  .chain((text) => fc.oneof({ weight: 6, arbitrary: fc.constant(text) }, letterCase(text)));
const value = fc.constantFrom(
  ...[
    "https",
    "http",
    "HTTPS",
    "ftp",
    "a",
    "a2V5==",
    "",
    "core.windows.net",
    "true",
    "localhost",
    "a/b",
    "=",
  ],
  ...["http://127.0.0.1:10002/a", "https://a.table.core.windows.net", "http://a.test/", "http://a.table/"],
  ...["sv=1&sig=x%3D", "https://a.test//", "//a", "a.test/", "AccountKey=", "DefaultEndpointsProtocol=https"],
);
const part = fc.oneof(
  { weight: 20, arbitrary: fc.tuple(name, value).map(([left, right]) => `${left}=${right}`) },
  fc.constantFrom("", "x", "=", "=a"),
);
/** Mostly valid ones, so that as many are accepted as are rejected. */
const whole = fc.constantFrom(
  "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5",
  "TableEndpoint=https://a.table.core.windows.net;SharedAccessSignature=sv=1",
  "EndpointSuffix=core.windows.net",
);
const strings = fc
  .array(fc.oneof(part, whole), { maxLength: 6 })
  .map((parts) => parts.join(";"))
  // The SDK takes white space away around a part; settings may have none at all.
  .filter((text) => !/\s/.test(text));

test("LKPS and the SDK derive the same endpoint from 20,000 connection strings", () => {
  const seen = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(strings, (text) => {
      const url = tablesUrlOf(text);
      seen[url === undefined ? "refused" : "taken"]++;
      // A part without a name and a value makes the SDK fail only if it comes to read it.
      if (url !== undefined || text.split(";").every((each) => each === "" || each.includes("=")))
        expect([text, url]).toEqual([text, urlOfSdk(text)]);
    }),
    { seed: 10, numRuns: 20_000 },
  );
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(1_000);
});
