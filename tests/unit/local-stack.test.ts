import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEntraStandIn } from "../../dev/entra/start-entra-stand-in.ts";
import { tenantId } from "../../dev/local-defaults.ts";
import { lockData } from "../../dev/start/lock-data.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { runLkps } from "../support/run-lkps.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lkps-local-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the lock on the data folder", () => {
  test("names the process that holds it, and is free once that is done", async () => {
    const first = await lockData(folder);
    const link = join(folder, "link");
    await symlink(folder, link, "junction");
    for (const path of [folder, link])
      await expect(lockData(path)).rejects.toThrow(`(process ${process.pid})`);
    await first[Symbol.asyncDispose]();
    await (await lockData(folder))[Symbol.asyncDispose]();
  });
});

test("a comma too many in the directory is named with file, line, and column, in both terminals", async () => {
  const directoryFile = join(folder, "directory.json");
  await writeFile(directoryFile, '{\n  "value": [\n    { "appId": "a" },\n  ]\n}');
  const problems: string[] = [];
  const stack = {
    directoryFile,
    tenantId,
    managedIdentity: { clientId: "m", roles: [] },
    identityHeader: "h",
  };
  const entra = await startEntraStandIn({ ...stack, onProblem: (problem) => problems.push(problem) });
  const ran = await runLkps(["register", "--local", "--as", "a"], {
    LKPS_ENTRA_URL: entra.url,
    // As in other unit tests, which share the modules.
    npm_lifecycle_event: "",
  });
  await entra.close();
  const fault = `${directoryFile}:3:21: JSON does not support trailing commas`;
  expect(problems).toContain(fault);
  expect([ran.code, ran.stderr]).toEqual([2, `✗ The local directory can't be read: ${fault}\n`]);
});

test("what stays on the machine is ignored by git, where --data and -o put it inside the repository", async () => {
  const inside = join(repositoryRoot, `data-${process.pid}`);
  try {
    await (await lockData(inside))[Symbol.asyncDispose]();
    const ignored = [join(inside, "app.log"), "report.html", "out/report.html"];
    const { stdout } = spawnSync("git", ["check-ignore", ...ignored], {
      cwd: repositoryRoot,
      encoding: "utf8",
    });
    expect(stdout.trim().split("\n")).toEqual(ignored);
  } finally {
    await rm(inside, { recursive: true, force: true });
  }
  const before = await readdir(folder);
  await (await lockData(folder))[Symbol.asyncDispose]();
  // It does not write into a folder that was there before.
  expect(await readdir(folder)).toEqual(before);
});
