import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

// The linter holds the one-way imports. A gate like that goes quiet without a sound, by a pattern that stops
// matching for one: so violations are planted where they must be found, and good imports where they must not.

const planted: readonly (readonly [file: string, imports: string, refused: boolean])[] = [
  ["src/domain/a.ts", "node:crypto", true],
  ["src/domain/b.ts", "zod", true],
  ["src/domain/c.ts", "../adapters/within.ts", true],
  ["src/domain/d.ts", "../config.ts", true],
  ["src/domain/e.ts", "./client-id.ts", false],
  ["src/application/a.ts", "node:timers", true],
  ["src/application/b.ts", "@azure/functions", true],
  ["src/application/c.ts", "../adapters/tables/session-table.ts", true],
  ["src/application/d.ts", "../functions/problem.ts", true],
  ["src/application/e.ts", "../domain/decision.ts", false],
  ["src/application/f.ts", "./judge.ts", false],
  ["src/functions/a.ts", "../adapters/graph/graph-directory.ts", true],
  ["src/functions/b.ts", "@azure/data-tables", true],
  ["src/functions/c.ts", "../main.ts", true],
  ["src/functions/d.ts", "../application/judge.ts", false],
  ["src/functions/e.ts", "@azure/functions", false],
  ["src/functions/f.ts", "zod/mini", false],
  // Whole, it costs each start of the app some milliseconds.
  ["src/functions/g.ts", "zod", true],
  ["src/adapters/graph/a.ts", "../../functions/problem.ts", true],
  ["src/adapters/graph/b.ts", "../../application/judge.ts", true],
  ["src/adapters/graph/c.ts", "../../main.ts", true],
  ["src/adapters/graph/d.ts", "../../config.ts", true],
  ["src/adapters/graph/e.ts", "../../domain/ports.ts", false],
  ["src/adapters/graph/f.ts", "@azure/data-tables", false],
];

let folder: string;
let refusedFiles: Set<string>;

beforeAll(async () => {
  const root = join(import.meta.dirname, "../..");
  folder = await mkdtemp(join(tmpdir(), "lkps-layers-"));
  await copyFile(join(root, "biome.json"), join(folder, "biome.json"));
  for (const [file, imports] of planted) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `import * as planted from "${imports}";\n\nplanted;\n`);
  }
  const args = ["lint", "--vcs-enabled=false", "--only=style/noRestrictedImports", "--reporter=json", "."];
  const output = await new Promise<string>((resolve) => {
    execFile(join(root, "node_modules/.bin/biome"), args, { cwd: folder }, (_, stdout) => resolve(stdout));
  });
  const { diagnostics } = JSON.parse(output) as { diagnostics: { location: { path: string } }[] };
  refusedFiles = new Set(diagnostics.map(({ location }) => location.path));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(planted)("an import in %s of %s is refused: %s", (file, _, refused) => {
  expect(refusedFiles.has(file)).toBe(refused);
});
