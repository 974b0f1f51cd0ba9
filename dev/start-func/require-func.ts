import { spawnSync } from "node:child_process";

/** Azure Functions Core Tools, as they are called on the PATH. */
export const CORE_TOOLS = "func";

/**
 * Makes sure that Azure Functions Core Tools are there.
 * @throws with a message that says how to get them
 */
export function requireFunc(): void {
  const { status } = spawnSync(CORE_TOOLS, ["--version"], { shell: process.platform === "win32" });
  if (status === 0) return;
  throw new Error(
    [
      "Azure Functions Core Tools (func) are not on the PATH. Install version 4, for instance with",
      "  npm install --global azure-functions-core-tools@4",
      "or run `npm start`, which needs nothing of the kind.",
    ].join("\n"),
  );
}
