import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createErrorLocator } from "../../src/adapters/lib/error-locator.ts";

const folder = mkdtempSync(join(tmpdir(), "lkps-map-"));
afterAll(() => rmSync(folder, { recursive: true }));
const bundle = join(folder, "main.mjs");
// Each line of the bundle is the same line of src/http/handler.ts.
const map = { version: 3, sources: ["../src/http/handler.ts"], names: [], mappings: "AAAA;AACA;AACA" };
writeFileSync(`${bundle}.map`, JSON.stringify(map));

const locate = createErrorLocator();
const own = (n: number) => `    at f${n} (/app/src/f.ts:${n}:7)`;
const library = "    at Object.parse (file:///app/node_modules/zod/core.js:9:1)";
const node = "    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)";
const async = "    at async g (/app/src/g.ts:1:2)";

test.each<[string, string[], string | undefined]>([
  ["one frame of the source", [own(1)], "src/f.ts:1"],
  [
    "the five innermost frames of the source",
    [1, 2, 3, 4, 5, 6].map(own),
    "src/f.ts:1, from src/f.ts:2, from src/f.ts:3, from src/f.ts:4, from src/f.ts:5",
  ],
  [
    "the frames that led to a library",
    [library, library, node, own(1), async],
    "node_modules/zod/core.js:9, from src/f.ts:1, from src/g.ts:1",
  ],
  ["a library alone", [library], "node_modules/zod/core.js:9"],
  [
    "a bundle's line, by its source map",
    [`    at file://${bundle}:2:1`, `    at x (${bundle}:3:1)`],
    "src/http/handler.ts:2, from src/http/handler.ts:3",
  ],
  ["no frames but Node's", [node], undefined],
])("locates %s", (_, frames, expected) => {
  expect(locate({ name: "", message: "", stack: ["Error: at src/not.ts:1:1", ...frames].join("\n") })).toBe(
    expected,
  );
});

test("an error without a stack has no place", () => {
  expect(locate({ name: "", message: "" })).toBeUndefined();
});
