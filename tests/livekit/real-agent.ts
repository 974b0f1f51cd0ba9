import { createRequire } from "node:module";
import { join } from "node:path";
import { examplesDirectory } from "../../tools/repository-paths.ts";

// A worker for tests on a real server, and the agent that it brings into a room, which stays there. LiveKit's framework
// loads this file again for each job. It is installed with the examples only.
const { cli, defineAgent, ServerOptions } = createRequire(join(examplesDirectory, "package.json"))(
  "@livekit/agents",
);

export default defineAgent({
  // biome-ignore lint/suspicious/noExplicitAny: the framework's types are the examples'
  entry: (job: any) => job.connect(),
});

if (process.argv[1] === import.meta.filename) {
  cli.runApp(
    new ServerOptions({
      agent: import.meta.filename,
      agentName: process.env["AGENT_NAME"],
      port: Number(process.env["HEALTH_PORT"]),
      host: "127.0.0.1",
      numIdleProcesses: 1,
      loadFunc: async () => Number(process.env["AGENT_LOAD"]),
    }),
  );
}
