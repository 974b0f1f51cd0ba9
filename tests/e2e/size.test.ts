import { join } from "node:path";
import { expect, test } from "vitest";
import { startChild } from "../../dev/stack/child-process.ts";
import { repositoryRoot } from "../../tools/repository.ts";

test.each([
  ["--help", 0, /^stdout Usage: npm run size .*--accept/s],
  ["--acept", 2, /^stderr Unknown option '--acept'.*Usage: npm run size/s],
])("npm run size -- %s is answered with what there is, exit code %d", async (argument, code, expected) => {
  const said: string[] = [];
  const child = startChild(join(repositoryRoot, "tools", "size.ts"), {
    args: [argument],
    env: process.env as Record<string, string>,
    cwd: repositoryRoot,
    onLine: (line, stream) => said.push(`${stream} ${line}`),
  });
  expect((await child.exited).code).toBe(code);
  expect(said.join("\n")).toMatch(expected);
});
