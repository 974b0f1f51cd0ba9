import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bundle } from "../../tools/build/bundle.ts";
import { bundleSize, growth } from "../../tools/build/bundle-size.ts";
import { buildConsole } from "../../tools/build/console.ts";

test("no part of the bundle has grown by more than 5%: see `npm run build -- --accept-size`", async () => {
  expect(growth(bundleSize((await bundle()).metafile))).toEqual([]);
});

test("the console has at most 120 KB compressed, and no packages but two", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lkps-console-"));
  const { inputs } = await buildConsole(folder);
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
  await rm(folder, { recursive: true });
  expect(files).toHaveLength(3);
  expect(files.reduce((sum, file) => sum + gzipSync(file).length, 0)).toBeLessThan(120_000);
  const packages = Object.keys(inputs).flatMap((input) => /node_modules\/([^/]+)/.exec(input)?.[1] ?? []);
  expect([...new Set(packages)].sort()).toEqual(["oauth4webapi", "preact"]);
});
