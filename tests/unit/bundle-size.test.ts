import { expect, test } from "vitest";
import { bundle } from "../../tools/build/bundle.ts";
import budget from "../../tools/size/budget.json" with { type: "json" };
import { bytesByPackage } from "../../tools/size/bytes-by-package.ts";
import { growth } from "../../tools/size/growth.ts";

test("no part of the bundle has grown by more than 5%: see `npm run size -- --accept`", async () => {
  expect(growth(bytesByPackage((await bundle()).metafile), budget)).toEqual([]);
});
