import { expect, test } from "vitest";
import { bundle } from "../../tools/build/bundle.ts";
import { bundleSize, growth } from "../../tools/build/bundle-size.ts";

test("no part of the bundle has grown by more than 5%: see `npm run build -- --accept-size`", async () => {
  expect(growth(bundleSize((await bundle()).metafile))).toEqual([]);
});
