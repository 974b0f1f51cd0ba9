/** Runs a measuring process: loads the app, and runs its check each time the parent asks. Answers with the milliseconds. */
import { invoke, loadApp } from "../../dev/functions-host/app.ts";

process.on("disconnect", () => process.exit());
const app = await loadApp(process.argv[2] ?? "");
const check = app.functions.get("checkLiveSessions");
if (check === undefined) throw new Error("The app has no check of live sessions.");
process.on("message", async () => {
  const startedAt = performance.now();
  await invoke(app, check, { json: "{}" });
  process.send?.(performance.now() - startedAt);
});
process.send?.("ready");
