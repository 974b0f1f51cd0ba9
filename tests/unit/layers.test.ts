import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

// The linter enforces the one-way imports. Such a check can silently stop working, for example because of a pattern
// that no longer matches. So the test plants violations that must be found, and valid imports that must not.

const planted: readonly (readonly [file: string, imports: string, refused: boolean])[] = [
  ["src/domain/a.ts", "node:crypto", true],
  ["src/domain/b.ts", "zod", true],
  ["src/domain/e.ts", "./client-id.ts", false],
  ["src/application/b.ts", "@azure/functions", true],
  ["src/application/c.ts", "../adapters/tables/session-table.ts", true],
  ["src/application/e.ts", "../contract/problem-types.ts", true],
  ["src/application/f.ts", "../domain/decision.ts", false],
  ["src/contract/a.ts", "../application/authorize.ts", true],
  ["src/contract/c.ts", "@azure/functions", true],
  ["src/contract/e.ts", "zod/mini", false],
  ["src/http/a.ts", "../adapters/graph/graph-requests.ts", true],
  ["src/http/b.ts", "../functions/start-session.ts", true],
  ["src/http/d.ts", "zod", true],
  ["src/http/e.ts", "../contract/problem-types.ts", false],
  ["src/functions/a.ts", "../adapters/graph/graph-requests.ts", true],
  ["src/functions/b.ts", "@azure/data-tables", true],
  ["src/functions/e.ts", "../http/endpoint.ts", false],
  // The full package would cost each start of the app some milliseconds.
  ["src/functions/h.ts", "zod", true],
  ["src/adapters/graph/a.ts", "../../http/problem.ts", true],
  ["src/adapters/graph/c.ts", "../../main.ts", true],
  ["src/adapters/graph/e.ts", "../../contract/problem-types.ts", true],
  ["src/adapters/graph/f.ts", "../../domain/ports.ts", false],
  ["src/app.ts", "../cli/lkps.ts", true],
  ["cli/check/a.ts", "../../src/http/problem.ts", true],
  ["cli/check/d.ts", "../../src/contract/problem-types.ts", false],
  ["cli/check/e.ts", "../../src/adapters/graph/cached-directory.ts", true],
  ["cli/check/i.ts", "../../src/adapters/graph/graph-requests.ts", false],
  ["cli/check/j.ts", "../../src/adapters/tables/session-table.ts", true],
  ["cli/sign-in/a.ts", "../../dev/local-defaults.ts", true],
  // It is installed without the development dependencies.
  ["cli/sign-in/d.ts", "fast-check", true],
  ["cli/terminal.ts", "../src/domain/decision.ts", false],
  ["src/endpoints.ts", "../console/route.ts", true],
  ["console/a.ts", "../src/http/problem.ts", true],
  ["console/c.ts", "../cli/terminal.ts", true],
  ["console/f.ts", "node:crypto", true],
  ["console/pages/a.ts", "../../src/adapters/graph/graph-requests.ts", true],
  ["console/pages/b.ts", "../../src/contract/problem-types.ts", false],
  ["console/pages/d.ts", "../../cli/report/verdict.ts", false],
  // Circles.
  ["console/y.ts", "./z.ts", true],
  ["console/z.ts", "./y.ts", true],
  ["src/adapters/lib/a.ts", "./b.ts", true],
  ["src/adapters/lib/b.ts", "./a.ts", true],
  ["dev/a.ts", "./b.ts", true],
  ["dev/b.ts", "./a.ts", true],
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
  await copyFile(join(root, "package.json"), join(folder, "package.json"));
  const rules = [
    "style/noRestrictedImports",
    "correctness/noUndeclaredDependencies",
    "suspicious/noImportCycles",
  ];
  const args = [
    "lint",
    "--vcs-enabled=false",
    ...rules.map((rule) => `--only=${rule}`),
    "--reporter=json",
    "--max-diagnostics=none",
    ".",
  ];
  const output = await new Promise<string>((resolve) => {
    execFile(join(root, "node_modules/.bin/biome"), args, { cwd: folder }, (_, stdout) => resolve(stdout));
  });
  const { diagnostics } = JSON.parse(output) as { diagnostics: { location: { path: string } }[] };
  refusedFiles = new Set(diagnostics.map(({ location }) => location.path));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(planted)("an import in %s of %s is rejected: %s", (file, _, refused) => {
  expect(refusedFiles.has(file)).toBe(refused);
});
