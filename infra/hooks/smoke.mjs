// Smoke test of a deployment, which it does not change: azd's postdeploy hook. By hand: `azd hooks run postdeploy`. When it
// has passed, the hook stores the app's function key in the vault, from where a gateway reads it.
//
// Environment variables: LKPS_URL, LKPS_CALLER_IDENTITY, LKPS_FUNCTION_APP, LKPS_KEY_VAULT, LKPS_KEY_SECRET,
// AZURE_RESOURCE_GROUP, and AZURE_SUBSCRIPTION_ID, which azd sets; LKPS_FUNCTION_KEY (default: `az` gets it);
// LKPS_ACCESS_TOKEN, an application's access token for LKPS, if LKPS identifies callers by token; LKPS_SMOKE_SECONDS, how
// long a new app may take to start.
import { randomUUID } from "node:crypto";
import { reasonOf } from "./az.mjs";
import { isAccessDenied, runChecks } from "./checks.mjs";
import { functionKey, refreshKeyVaultReferences, siteId, storeFunctionKey } from "./function-app.mjs";
import { addressFrom, applicationOf, codeOf, printable, request } from "./requests.mjs";

/** @typedef {import("./requests.mjs").Answer} Answer */

const env = process.env;
const url = addressFrom("LKPS_URL");
const callerIdentity = env["LKPS_CALLER_IDENTITY"] || "gateway-header";
const accessToken = env["LKPS_ACCESS_TOKEN"];
// Roles on the vault can take ten minutes to take effect.
const patienceMs = Number(env["LKPS_SMOKE_SECONDS"] || 900) * 1_000;

const byHeader = callerIdentity !== "access-token";
const byToken = callerIdentity !== "gateway-header";
/** @type {Record<string, string>} */
const token = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
const caller = applicationOf(accessToken) ?? randomUUID();
const start = { agent_entra_app_id: randomUUID() };
/** Starts a session if there are headers, and reads otherwise. */
const send = (
  /** @type {string} */ path,
  /** @type {Record<string, string> | undefined} */ headers = undefined,
) => request(`${url}${path}`, headers, headers && start);
/** @type {Record<string, string>} */
let key = {};
let explained = false;

/** @type {import("./checks.mjs").Check[]} */
const checks = [
  { name: "health", expected: "200", check: () => send("/api/health"), patient: true },
  { name: "ready", expected: "200", check: () => send("/api/health/ready"), patient: true },
  {
    name: "the function key",
    expected: "200",
    // The host of a new app answers "ServiceUnavailable" for some time.
    check: getKey,
    patient: true,
    ...(!byHeader && { skip: "LKPS identifies callers by access token" }),
  },
  {
    name: "a session with an unregistered agent",
    expected: "404 agent_not_registered",
    check: () => send("/api/session/start", { ...key, ...token, ...(byHeader && { "client-id": caller }) }),
    ...(byToken && accessToken === undefined && { skip: "LKPS_ACCESS_TOKEN is not set" }),
  },
  {
    name: "a spoofed caller that bypasses the gateway",
    // Without a function key, the Functions host answers, without a body.
    expected: byHeader ? "401" : "401 caller_unidentified",
    check: () => send("/api/session/start", { "client-id": caller }),
  },
  {
    name: "a spoofed caller with a second id in the header",
    expected: "401 caller_unidentified",
    check: () => send("/api/session/start", { ...key, "client-id": `${caller}, ${randomUUID()}` }),
  },
  {
    name: "an invalid access token",
    expected: "401 invalid_token",
    check: () =>
      send("/api/session/start", { ...key, "client-id": caller, authorization: "Bearer not.a.token" }),
    ...(!byToken && { skip: "LKPS identifies callers by header" }),
  },
];

console.log(`Smoke test of ${url} (CALLER_IDENTITY ${printable(callerIdentity)})`);
const passed = await runChecks(checks, {
  patienceMs,
  waiting: (name) => name === "health" && refresh(),
  hint,
});
process.exit(passed && (!byHeader || handOverKey()) ? 0 : 1);

/** Explains once why a new app may take a while to answer, and makes the platform try the secret again each minute. */
function refresh() {
  if (!explained) {
    explained = true;
    console.log(
      `… The app does not answer yet. Its rights to read the secret can take ten minutes to take effect, and until then it
  does not start. Waiting for up to ${Math.ceil(patienceMs / 60_000)} minutes.`,
    );
  }
  if (env["LKPS_FUNCTION_APP"]) refreshKeyVaultReferences(siteId());
}

/** @returns {Promise<Answer>} */
async function getKey() {
  try {
    key = { "x-functions-key": functionKey() };
    return { status: 200 };
  } catch (error) {
    return { status: 0, code: `(${reasonOf(error)})` };
  }
}

/** Whether the gateway can read the key, or needs none from the vault. */
function handOverKey() {
  const [vault, secret] = [env["LKPS_KEY_VAULT"], env["LKPS_KEY_SECRET"]];
  if (!vault || !secret) return true;
  try {
    const isNew = storeFunctionKey(vault, secret);
    console.log(
      `The function key is in the vault${isNew ? " now" : ""}: ${printable(secret)}. Next: the gateway, docs/gateway.md`,
    );
    return true;
  } catch (error) {
    console.error(
      `The function key could not be stored in the vault, so a gateway cannot read it: ${reasonOf(error)}`,
    );
    return false;
  }
}

/** @param {Answer} answer */
function hint(answer) {
  const dependencies = Object.entries(answer.body?.dependencies ?? {}).filter(([, each]) => !each?.ok);
  const codes = dependencies.map(([name, each]) => `${printable(name)}: ${codeOf(each)}`).join(", ");
  if (isAccessDenied(answer)) {
    const principal = printable(env["LKPS_IDENTITY_PRINCIPAL_ID"] || "OBJECT_ID");
    return `\n  ${codes}\n  The grant is missing. An admin runs: bash infra/graph/grant.sh ${principal}\n  The app's token from before can be cached for up to a day.`;
  }
  if (codes !== "") return `\n  ${codes}`;
  if (answer.status === 403)
    return "\n  If only the gateway's addresses can call the app, run this test from one of them.";
  return "";
}
