import { spawnSync } from "node:child_process";

/** The command of Azure Functions Core Tools. */
export const CORE_TOOLS = "func";

/**
 * Checks that Azure Functions Core Tools are installed.
 *
 * @throws with a message that says how to install them
 */
export function requireFunc(): void {
  const { status } = spawnSync(CORE_TOOLS, ["--version"], { shell: process.platform === "win32" });
  if (status === 0) return;
  throw new Error(
    [
      "Azure Functions Core Tools (func) are not on the PATH. Install version 4, for instance with",
      "  npm install --global azure-functions-core-tools@4",
      "or run `npm start`, which does not need them.",
    ].join("\n"),
  );
}
