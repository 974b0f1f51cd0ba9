// What the hooks need from Azure about the deployed app.
import { createHash } from "node:crypto";
import { az } from "./az.mjs";

const env = process.env;
const app = env["LKPS_FUNCTION_APP"] ?? "";
const group = env["AZURE_RESOURCE_GROUP"] ?? "";
const subscription = env["AZURE_SUBSCRIPTION_ID"] ?? "";

/**
 * The function key that the gateway calls with. It is never printed.
 * @returns {string}
 * @throws if `az` is missing or the app's host does not answer yet
 */
export function functionKey() {
  const key = env["LKPS_FUNCTION_KEY"] || functionKeys()["default"];
  if (!key) throw new Error("the app has no function key default yet");
  return key;
}

/** @returns {Record<string, string>} */
function functionKeys() {
  const of = [
    "--name",
    app,
    "--resource-group",
    group,
    ...(subscription ? ["--subscription", subscription] : []),
  ];
  return JSON.parse(
    az(["functionapp", "keys", "list", ...of, "--query", "functionKeys", "--output", "json"]) || "{}",
  );
}

/**
 * Resource id of an app, or without names, of the deployed function app.
 * @param {string} [name]
 * @param {string} [resourceGroup]
 */
export function siteId(name = app, resourceGroup = group) {
  return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Web/sites/${name}`;
}

const refreshEveryMs = 60_000;
let refreshed = Number.NEGATIVE_INFINITY;

/**
 * Makes the platform read an app's secrets in Key Vault again, at most once a minute; otherwise it tries only once a day.
 * @param {string} site
 */
export function refreshKeyVaultReferences(site) {
  if (Date.now() - refreshed < refreshEveryMs) return;
  refreshed = Date.now();
  const url = `${site}/config/configreferences/appsettings/refresh?api-version=2022-03-01`;
  try {
    az(["rest", "--method", "POST", "--url", url, "--output", "none"]);
  } catch {
    // The check that waits for the secret says what is wrong.
  }
}

/**
 * Stores a function key in the vault, from where gateways read it, through Resource Manager: whoever may deploy may do that,
 * also where the vault is private. Without a name, it leaves a key alone that is still one of the app's.
 * @param {string} vault
 * @param {string} secret
 * @param {string} [name] of the key to store
 * @returns {boolean} whether it was stored
 */
export function storeFunctionKey(vault, secret, name) {
  const url = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/${vault}/secrets/${secret}?api-version=2024-11-01`;
  const keys = functionKeys();
  if (name === undefined && Object.values(keys).map(fingerprint).includes(stored(url))) return false;
  const value = keys[name ?? "default"];
  if (!value) throw new Error(`the app has no function key ${name ?? "default"}`);
  const body = JSON.stringify({
    // A vault never tells Resource Manager a value, so this says which key it is. Keys are random, so a digest tells nothing.
    tags: { fingerprint: fingerprint(value) },
    properties: { value, contentType: "function key of LKPS" },
  });
  const headers = ["--headers", "Content-Type=application/json"];
  az(["rest", "--method", "PUT", "--url", url, ...headers, "--body", "@-", "--output", "none"], body);
  return true;
}

/** @param {string} url */
function stored(url) {
  try {
    return az(["rest", "--method", "GET", "--url", url, "--query", "tags.fingerprint", "--output", "tsv"]);
  } catch {
    // There is none yet, or it cannot be read: storing it will tell.
    return "";
  }
}

/** @param {string} key */
const fingerprint = (key) => createHash("sha256").update(key).digest("hex").slice(0, 16);
