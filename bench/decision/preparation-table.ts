import { type ApiApplication, indexApplication } from "../../src/domain/application.ts";
import { alternately } from "../measure/alternately.ts";
import { median } from "../measure/statistics.ts";
import { columns, short } from "../report/table.ts";
import { situation } from "./situations.ts";

/** Measures how long preparing Graph's answer takes, once per read. */
export async function preparationTable(sizes: readonly number[], rounds: number): Promise<string> {
  const rows = [["n", "Graph's answer", "JSON.parse, µs", "indexApplication, µs"]];
  for (const n of sizes) {
    const { api } = situation("pre_authorized", n);
    const text = JSON.stringify(api);
    const { parse, index } = await alternately(
      {
        parse: () => microseconds(() => JSON.parse(text)),
        index: () => microseconds(() => indexApplication(api as ApiApplication)),
      },
      rounds,
    );
    rows.push([String(n), `${short(text.length)} bytes`, short(median(parse)), short(median(index))]);
  }
  return columns(rows);
}

/** The time of one run, from enough runs for the clock's resolution. */
function microseconds(work: () => unknown): number {
  const startedAt = performance.now();
  let runs = 0;
  let ms = 0;
  for (; ms < 1; ms = performance.now() - startedAt) {
    work();
    runs++;
  }
  return (ms * 1_000) / runs;
}
