import { spawnSync } from "node:child_process";
import { startVitest } from "vitest/node";
import { buildApp } from "./build.ts";
import { repositoryRoot } from "./repository.ts";

// `npm run test:livekit`: the examples meet in a room of a real LiveKit server, by what LKPS gives them.
const server = process.env["LIVEKIT_SERVER"] ?? "livekit-server";
if (spawnSync(server, ["--version"]).status !== 0) {
  console.error(
    [
      `${server} is missing, so nothing was tested. Get it by`,
      "  brew install livekit",
      "or from https://github.com/livekit/livekit/releases, and put it on the PATH or name it by LIVEKIT_SERVER.",
    ].join("\n"),
  );
  process.exit(1);
}
process.env["LIVEKIT_SERVER"] = server;
await buildApp();
const vitest = await startVitest("test", [], {
  watch: false,
  root: repositoryRoot,
  config: "tests/livekit/vitest.config.ts",
});
await vitest.close();
