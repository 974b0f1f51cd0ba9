import { fileURLToPath } from "node:url";
import { cli, type JobRequest, ServerOptions } from "@livekit/agents";
import { parseDispatchMetadata } from "./dispatch-metadata.ts";
import { registerAgent } from "./register-agent.ts";
import { readSettings } from "./settings.ts";

try {
  const settings = readSettings(process.env);
  const { agent_name, server_url } = await registerAgent(settings);
  const { AGENT_LOAD: load } = settings;
  console.log(`Registered with LKPS as ${agent_name}.`);
  await requireLiveKit(process.env["LIVEKIT_URL"] || server_url);
  cli.runApp(
    new ServerOptions({
      agent: fileURLToPath(new URL("agent.ts", import.meta.url)),
      agentName: agent_name,
      // LIVEKIT_URL takes precedence, for an agent that reaches the server at a different address than clients do.
      wsURL: server_url,
      requestFunc: takeSession,
      host: settings.HEALTH_HOST,
      port: settings.HEALTH_PORT,
      numIdleProcesses: 1,
      ...(load !== undefined && { loadFunc: async () => load }),
    }),
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/** Accepts jobs whose metadata has the form that LKPS writes. Nothing else is checked: the LiveKit secret protects the agent. */
async function takeSession(request: JobRequest): Promise<void> {
  if (parseDispatchMetadata(request.job.metadata) === null) await request.reject();
  else await request.accept();
}

/** The worker would try again for minutes, with a stack trace each time, where nothing listens. */
async function requireLiveKit(url: string): Promise<void> {
  await fetch(url.replace(/^ws/, "http")).catch((cause: unknown) => {
    throw new Error(`No LiveKit server answers at ${url}. On your machine, run livekit-server --dev.`, {
      cause,
    });
  });
}
