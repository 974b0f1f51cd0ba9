import { appSettings } from "../dev/stack/app-settings.ts";
import { distDirectory } from "../tools/repository-paths.ts";
import type { Bench } from "./bench-types.ts";
import { makeEmptyApp, makeHost } from "./cold-start/apps.ts";
import { dependencyCosts } from "./cold-start/dependency-costs.ts";
import { startServiceWithAgent } from "./cold-start/service-with-agent.ts";
import { type StartTimes, startOnce } from "./cold-start/start-once.ts";
import { alternately } from "./measure/alternately.ts";
import { compare } from "./measure/statistics.ts";

/** Measures a cold start, from starting a process to its first answer, beside an empty app. */
export const coldStart: Bench = {
  name: "cold-start",
  run: async ({ isShort, progress }) => {
    await using world = await startServiceWithAgent();
    const { service, start, folder } = world;
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
        { ...names, unit: "ms" },
        times.lkps.map((each) => each[what]),
        times.empty.map((each) => each[what]),
        { atMost },
      );
    return {
      comparisons: [
        until("loaded", { what: "LKPS, spawn to functions loaded", beside: "empty app, the same" }, 1.2),
        until("answered", { what: "LKPS, spawn to first session", beside: "empty app, first answer" }, 2.1),
      ],
      notes: [await dependencyCosts(folder, isShort ? 1 : 15)],
    };
  },
};
