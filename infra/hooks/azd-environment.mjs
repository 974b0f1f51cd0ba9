import { execFileSync } from "node:child_process";

/**
 * The environment variables, with those of the selected azd environment if a hook of azd has not set them.
 * @returns {Record<string, string | undefined>}
 */
export function azdEnvironment() {
  if (process.env["LKPS_URL"] || process.env["GATEWAY_URL"]) return process.env;
  const values = execFileSync("azd", ["env", "get-values", "--output", "json"], { encoding: "utf8" });
  return { ...JSON.parse(values), ...process.env };
}
