import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appSettings } from "../dev/stack/app-settings.ts";
import { AGENT, api, CLIENT } from "../tests/support/app-registration.ts";
import { startService } from "../tests/support/service.ts";
import { distDirectory } from "../tools/repository-paths.ts";
import type { Bench } from "./bench-types.ts";
import { makeEmptyApp, makeHost } from "./cold-start/apps.ts";
import { type StartTimes, startOnce } from "./cold-start/start-once.ts";
import { alternately } from "./measure/alternately.ts";
import { compare } from "./measure/statistics.ts";

/** Measures a cold start, from starting a process to its first answer, beside an empty app. */
export const coldStart: Bench = {
  name: "cold-start",
  run: async ({ isShort, progress }) => {
    await using parts = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), "lkps-bench-"));
    parts.defer(() => rm(folder, { recursive: true, force: true }));
    const service = await startService({ applications: [{ appId: AGENT, api: api() }] });
    parts.defer(() => service.close());
    const registered = await service.call("POST", "/api/agent/register", { caller: AGENT });
    if (registered.status !== 201) throw new Error(`The agent was not registered: ${registered.text}`);
    const body = JSON.stringify({ agent_entra_app_id: AGENT });
    const start = { path: "/api/session/start", caller: CLIENT, body };
    const [host, emptyApp] = await Promise.all([makeHost(folder), makeEmptyApp(folder)]);
    const { entra, azurite } = service.stack;
    // This app only registered the agent.
    await service.stack.killApp();

    const times: Record<"lkps" | "empty", StartTimes[]> = { lkps: [], empty: [] };
    const settings = appSettings(entra, azurite);
    const side = (name: "lkps" | "empty", appDirectory: string) => async () => {
      const measured = await startOnce({ host, appDirectory, settings, ...start });
      times[name].push(measured);
      return measured.answered;
    };
    const sides = { lkps: side("lkps", distDirectory), empty: side("empty", emptyApp) };
    const rounds = isShort ? 2 : 41;
    await alternately(sides, rounds, (round) => {
      if (round % 10 === 0) progress(`start ${round} of ${rounds}`);
    });
    const until = (what: keyof StartTimes, names: { what: string; beside: string }, atMost: number) =>
      compare(
        names,
        times.lkps.map((each) => each[what]),
        times.empty.map((each) => each[what]),
        atMost,
      );
    return {
      comparisons: [
        until("loaded", { what: "LKPS, spawn to functions loaded", beside: "empty app, the same" }, 1.2),
        until("answered", { what: "LKPS, spawn to first session", beside: "empty app, first answer" }, 2.1),
      ],
      notes: [],
    };
  },
};
