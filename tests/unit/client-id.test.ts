import { expect, test } from "vitest";
import { parseClientId } from "../../src/domain/client-id.ts";

const id = "a9e17000-0000-4000-8000-00000000000c";

test.each([id, "00000003-0000-0000-c000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"])(
  "accepts the GUID %s, whatever its version",
  (value) => expect(parseClientId(value)).toBe(value),
);

test("keeps an id in lower case", () => expect(parseClientId(id.toUpperCase())).toBe(id));

test.each([
  undefined,
  null,
  "",
  " ",
  7,
  {},
  [id],
  `${id},${id}`,
  `${id}, ${id}`,
  `{${id}}`,
  ` ${id}`,
  `${id} `,
  `${id}\n`,
  id.replaceAll("-", ""),
  `${id}0`,
  id.slice(1),
  id.replace("a", "g"),
  id.replace("a", "а"),
  "__proto__",
  `urn:uuid:${id}`,
])("rejects %j, which is not exactly one GUID", (value) => expect(parseClientId(value)).toBeUndefined());
