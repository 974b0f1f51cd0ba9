import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { appSettings } from "../dev/stack/app-settings.ts";
import { baseEnvironment } from "../dev/stack/base-environment.ts";
import { forEachAtOnce } from "../src/application/for-each-at-once.ts";
import { api, CLIENT } from "../tests/support/app-registration.ts";
import { type LiveService, startLiveService } from "../tests/support/live-service.ts";
import { distDirectory } from "../tools/repository-paths.ts";
import type { Bench } from "./bench-types.ts";
import { columns } from "./report/table.ts";

const SESSIONS_AN_AGENT = 20;
const AT_ONCE = 20;
const RUNS = 3;

/** Measures the check of live sessions: the first one, which finds who is there, and those after it. */
export const liveCheck: Bench = {
  name: "live-check",
  run: async ({ isShort, progress }) => {
    const sizes = isShort ? [20] : [100, 1_000, 10_000];
    const agents = Array.from(
      { length: Math.max(...sizes) / SESSIONS_AN_AGENT },
      (_, n) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}`,
    );
    await using parts = new AsyncDisposableStack();
    const service = await startLiveService({
      applications: agents.map((appId) => ({ appId, api: api() })),
      settings: { GRAPH_READS_PER_CALLER: "10000", GRAPH_CACHE_SECONDS: "3600" },
    });
    parts.defer(service.close);
    // Otherwise the app would know already who is there.
    service.livekit.sendWebhooksTo(undefined);
    for (const agent of agents) service.livekit.registerWorker(agent);
    await forEachAtOnce(AT_ONCE, agents, async (caller) => {
      await service.call("POST", "/api/agent/register", { caller });
    });

    const { entra, azurite } = service.stack;
    const child = fork(join(import.meta.dirname, "live-check", "run-checks.ts"), [distDirectory], {
      execArgv: [],
      env: {
        ...baseEnvironment(),
        ...appSettings(entra, azurite),
        LIVEKIT_URL: service.livekit.url,
        LIVE_SESSION_CHECK_SECONDS: "30",
      },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    parts.defer(() => void child.kill());
    await once(child, "message");
    const check = async () => {
      child.send("check");
      const [ms] = await once(child, "message");
      return Math.round(Number(ms));
    };

    const rows: string[][] = [["live sessions", "agents", "first check", "later checks"]];
    for (let live = 0; live < Math.max(...sizes); ) {
      const wanted = sizes.find((size) => size > live) ?? 0;
      progress(`${wanted} sessions`);
      await forEachAtOnce(
        AT_ONCE,
        Array.from(
          { length: wanted - live },
          (_, n) => agents[(live + n) % (wanted / SESSIONS_AN_AGENT)] ?? "",
        ),
        (agent) => joinSession(service, agent),
      );
      live = wanted;
      const first = await check();
      const later: number[] = [];
      for (let run = 0; run < RUNS; run++) later.push(await check());
      rows.push([String(live), String(live / SESSIONS_AN_AGENT), `${first} ms`, `${later.join(", ")} ms`]);
    }
    return { comparisons: [], notes: [`The check of live sessions:\n\n${columns(rows)}`] };
  },
};

async function joinSession({ call, livekit }: LiveService, agent: string): Promise<void> {
  const body = { agent_entra_app_id: agent };
  const { body: session, text } = await call("POST", "/api/session/start", { caller: CLIENT, body });
  if (session.participant_token === undefined) throw new Error(`No session: ${text}`);
  await livekit.join(session.participant_token);
}
