import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createShippedFiles } from "../../src/adapters/lib/shipped-files.ts";

test("each file is read once, on the first request for it; a failed read is repeated", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lkps-docs-"));
  try {
    const read = createShippedFiles(folder);
    await expect(read("page")).rejects.toThrow("ENOENT");
    await writeFile(join(folder, "page"), "first");
    await writeFile(join(folder, "page.gz"), "gzipped");
    const first = await read("page");
    expect([`${first.content}`, `${first.gzipped}`, first.digest]).toEqual([
      "first",
      "gzipped",
      expect.stringMatching(/^[\w-]{22}$/),
    ]);
    await writeFile(join(folder, "page"), "second");
    expect(await read("page")).toBe(first);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
