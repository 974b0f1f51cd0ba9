import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEntraStandIn } from "../../dev/entra/start-entra-stand-in.ts";
import { startLiveKitServer } from "../../dev/livekit-server.ts";
import { tenantId } from "../../dev/local-defaults.ts";
import { chooseLiveKit } from "../../dev/start/choose-livekit.ts";
import { lockData } from "../../dev/start/lock-data.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { needs } from "../../tools/test/needs.ts";
import { runLkps } from "../support/run-lkps.ts";

const posix = await needs("posix");
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

describe("the LiveKit server", () => {
  const all = { LIVEKIT_URL: "wss://a.livekit.cloud", LIVEKIT_API_KEY: "key", LIVEKIT_API_SECRET: "hidden" };
  const noStep = <T>(_: string, work: () => Promise<T>) => work();

  test("is the environment's, and nothing else of the environment is taken", async () => {
    const { settings, server } = await chooseLiveKit({ ...all, AZURE_CLIENT_ID: "stray" }, noStep, "");
    expect([settings, server]).toEqual([all, undefined]);
  });

  test.each(Object.keys(all))("without %s, the message names it and shows no value", async (name) => {
    const error = await chooseLiveKit({ ...all, [name]: "" }, noStep, "").catch(
      (caught: Error) => caught.message,
    );
    expect(error).toMatch(new RegExp(`Not set: ${name}\\.$`));
    expect(error).not.toContain("hidden");
  });

  test(
    "is started on this machine only, with a clean environment, and stopped even if it waits for its rooms",
    posix,
    async () => {
      const [command, record] = [join(folder, "livekit-server"), join(folder, "record.json")];
      // In place of the real server, which few machines have: it records how it was started.
      await writeFile(
        command,
        // A shebang cannot have spaces in a path: to a shell, this runs Node on the file; to Node, it is a comment.
        `#!/bin/sh
':' //; exec "${process.execPath}" "$0" "$@"
const args = process.argv.slice(2);
require("node:fs").writeFileSync(${JSON.stringify(record)}, JSON.stringify({ args, env: process.env }));
process.on("SIGTERM", () => {});
const { port } = JSON.parse(args.at(-1));
require("node:http").createServer((_, response) => response.end("OK")).listen(port, "127.0.0.1");`,
      );
      await chmod(command, 0o755);
      const server = await startLiveKitServer(command, 0, "http://127.0.0.1:1/webhook");
      const { args, env } = JSON.parse(await readFile(record, "utf8"));
      expect(args.slice(0, 3)).toEqual(["--dev", "--bind", "127.0.0.1"]);
      const webhook = { api_key: "devkey", urls: ["http://127.0.0.1:1/webhook"] };
      expect(JSON.parse(args.at(-1))).toMatchObject({ webhook });
      expect(Object.keys(env)).not.toContain("VITEST");
      await server.close();
      await expect(fetch(server.url.replace("ws", "http"))).rejects.toThrow();
    },
  );
});

// The tests load modules by Vitest, which takes more than Node does.
test.each(["dev/start.ts", "cli/lkps.ts", "tools/scale.ts", "bench/bench.ts"])(
  "Node runs %s, which says how to use it",
  (file) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, "--help"], {
      cwd: repositoryRoot,
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^(Usage:|npm run bench)/);
  },
);
