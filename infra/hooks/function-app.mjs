// What the smoke test needs to know from Azure about the deployed app; uses `az`.
import { execFileSync } from "node:child_process";

const app = process.env["LKPS_FUNCTION_APP"] ?? "";
const group = process.env["AZURE_RESOURCE_GROUP"] ?? "";
const subscription = process.env["AZURE_SUBSCRIPTION_ID"];

/**
 * The function key that the gateway calls with. It is never printed.
 * @returns {string}
 * @throws if `az` is missing or the app's host does not answer yet
 */
export function functionKey() {
  const given = process.env["LKPS_FUNCTION_KEY"];
  if (given) return given;
  const of = ["--name", app, "--resource-group", group];
  const query = ["--query", "functionKeys.default", "--output", "tsv"];
  const key = az(
    "functionapp",
    "keys",
    "list",
    ...of,
    ...(subscription ? ["--subscription", subscription] : []),
    ...query,
  );
  if (key === "") throw new Error("the app has no function key yet");
  return key;
}

/**
 * Makes the platform read the secret in Key Vault again; otherwise it tries only once a day.
 * @returns {boolean} false if `az` could not ask for it
 */
export function refreshKeyVaultReferences() {
  if (!subscription || !group || !app) return false;
  const site = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Web/sites/${app}`;
  const url = `${site}/config/configreferences/appsettings/refresh?api-version=2022-03-01`;
  try {
    az("rest", "--method", "POST", "--url", url, "--output", "none");
    return true;
  } catch {
    return false;
  }
}

/** @param {string[]} args */
function az(...args) {
  return execFileSync("az", args, {
    encoding: "utf8",
    // Errors of `az` are expected while the app is still starting, so they are not shown.
    stdio: ["ignore", "pipe", "pipe"],
    // On Windows, az is a .cmd file, which only a shell can start.
    shell: process.platform === "win32",
  }).trim();
}
