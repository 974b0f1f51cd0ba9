import { expect, test } from "vitest";
import { bundle } from "../../tools/build/bundle.ts";
import budget from "../../tools/size/budget.json" with { type: "json" };
import { bytesByPackage } from "../../tools/size/bytes-by-package.ts";
import { growth } from "../../tools/size/growth.ts";

test("no part of the bundle has grown by more than a twentieth: `npm run size -- --accept` explains it", async () => {
  expect(growth(bytesByPackage((await bundle()).metafile), budget)).toEqual([]);
});

test.each([
  ["a package", { a: 106_000, b: 900_000 }, ["a (initial): 106000 bytes, accepted 100000"]],
  ["a new package", { a: 100_000, b: 900_000, c: 2_049 }, ["c (initial): 2049 bytes, accepted 0"]],
  [
    "many a little",
    { a: 105_000, b: 945_000, c: 1_000 },
    ["total (initial): 1051000 bytes, accepted 1000000"],
  ],
  ["a twentieth and no more", { a: 105_000, b: 900_000 }, []],
  ["nothing", { a: 1, b: 1 }, []],
])("growth of %s", (_, first, expected) => {
  const accepted = { initial: { a: 100_000, b: 900_000 }, lazy: {} };
  expect(growth({ initial: first, lazy: {} }, accepted)).toEqual(expected);
});

test("bytes are counted by the package that they come from, apart for what is loaded on demand", () => {
  const inputs = {
    "src/main.ts": { bytesInOutput: 1 },
    "node_modules/@azure/identity/a.js": { bytesInOutput: 2 },
    "node_modules/@azure/identity/b.js": { bytesInOutput: 3 },
    "node_modules/a/node_modules/b/c.js": { bytesInOutput: 4 },
    "node_modules/unused/a.js": { bytesInOutput: 0 },
  };
  const imports = [
    { path: "dist/parts/a.mjs", kind: "import-statement" as const },
    { path: "dist/parts/b.mjs", kind: "dynamic-import" as const },
    { path: "node:http", kind: "import-statement" as const, external: true },
  ];
  const output = (...its: typeof imports) => ({ bytes: 10, inputs, imports: its, exports: [] });
  const back = { path: "dist/main.mjs", kind: "import-statement" as const };
  const metafile = {
    inputs: {},
    outputs: {
      "dist/main.mjs": output(...imports),
      "dist/parts/a.mjs": output(back),
      "dist/parts/b.mjs": output(back),
    },
  };
  expect(bytesByPackage(metafile)).toEqual({
    initial: { "@azure/identity": 10, b: 8, lkps: 2 },
    lazy: { "@azure/identity": 5, b: 4, lkps: 1 },
  });
});
