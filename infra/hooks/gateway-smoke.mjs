// Smoke test through the Ocelot gateway: the postdeploy hook of infra/gateway. By hand, there: `azd hooks run postdeploy`.
//
// Environment variables: GATEWAY_URL, GATEWAY_NEXT_URL, GATEWAY_APP, GATEWAY_RESOURCE_GROUP, AZD_DEPLOY_GATEWAY_SLOT_NAME,
// ENTRA_AUDIENCE, AZURE_TENANT_ID, and AZURE_SUBSCRIPTION_ID, which azd has; LKPS_TRIAL: true to start a session between two
// trial applications, as trial.mjs does; LKPS_ACCESS_TOKEN, an application's access token for LKPS, without a trial.
import { randomUUID } from "node:crypto";
import { az, reasonOf } from "./az.mjs";
import { runChecks } from "./checks.mjs";
import { refreshKeyVaultReferences, siteId } from "./function-app.mjs";
import { addressFrom, applicationOf, printable, request } from "./requests.mjs";
import { startTrialSession } from "./trial.mjs";

/** @typedef {import("./requests.mjs").Answer} Answer */

const env = process.env;
const inSlot = env["AZD_DEPLOY_GATEWAY_SLOT_NAME"] === "staging";
const url = addressFrom(inSlot ? "GATEWAY_NEXT_URL" : "GATEWAY_URL");
const accessToken = env["LKPS_ACCESS_TOKEN"];
const audience = env["ENTRA_AUDIENCE"]?.split(",")[0]?.trim() ?? "";
const tenant = env["AZURE_TENANT_ID"] ?? "";
const start = { agent_entra_app_id: randomUUID() };
const forged = { "client-id": randomUUID() };

/** @type {import("./checks.mjs").Check[]} */
const checks = [
  { name: "health", expected: "200", check: () => request(`${url}/api/health`), patient: true },
  { name: "ready", expected: "200", check: () => request(`${url}/api/health/ready`), patient: true },
  {
    name: "the function key, read from the vault",
    expected: "200",
    check: readKey,
    patient: true,
    ...(!env["GATEWAY_APP"] && { skip: "GATEWAY_APP is not set" }),
  },
  {
    name: "no token",
    expected: "401 caller_unidentified",
    check: () => request(`${url}/api/session/start`, {}, start),
  },
  {
    name: "a forged client-id without a token",
    expected: "401 caller_unidentified",
    check: () => request(`${url}/api/session/start`, forged, start),
  },
  {
    name: "an invalid token",
    expected: "401 invalid_token",
    check: () =>
      request(`${url}/api/session/start`, { ...forged, authorization: "Bearer not.a.token" }, start),
  },
  {
    name: "a forged client-id beside a token, whose application counts",
    expected: "200",
    check: forgedBesideToken,
    ...(!accessToken && { skip: "LKPS_ACCESS_TOKEN is not set" }),
  },
  {
    name: "a session by an application's own token, beside a forged client-id",
    expected: "200",
    check: trial,
    ...(env["LKPS_TRIAL"] !== "true" && { skip: "LKPS_TRIAL is not true" }),
  },
];

console.log(`Smoke test of the gateway ${url}`);
const patienceMs = Number(env["LKPS_SMOKE_SECONDS"] || 900) * 1_000;
process.exit((await runChecks(checks, { patienceMs })) ? 0 : 1);

/**
 * Whether App Service has the key: the gateway's right to read it can take ten minutes to take effect, and without the key,
 * the gateway starts all the same.
 * @returns {Promise<Answer>}
 */
async function readKey() {
  const site = siteId(env["GATEWAY_APP"], env["GATEWAY_RESOURCE_GROUP"]) + (inSlot ? "/slots/staging" : "");
  const reference = `${site}/config/configreferences/appsettings/LKPS_FUNCTION_KEY?api-version=2022-03-01`;
  const asked = ["rest", "--method", "GET", "--url", reference];
  try {
    const status = az([...asked, "--query", "properties.status", "--output", "tsv"]);
    if (status === "Resolved") return { status: 200 };
    refreshKeyVaultReferences(site);
    return { status: 0, code: `(${printable(status)})` };
  } catch (error) {
    return { status: 0, code: `(${reasonOf(error)})` };
  }
}

/** @returns {Promise<Answer>} */
async function forgedBesideToken() {
  const headers = { ...forged, authorization: `Bearer ${accessToken}` };
  const answer = await request(`${url}/api/agent/authorization`, headers);
  const caller = answer.body?.agent_entra_app_id;
  return answer.status === 200 && caller !== applicationOf(accessToken)
    ? { status: 0, code: "(another application: take the gateway offline)" }
    : answer;
}

/** @returns {Promise<Answer>} */
async function trial() {
  try {
    return await startTrialSession(url, { audience, tenant }, forged);
  } catch (error) {
    return { status: 0, code: `(${reasonOf(error)})` };
  }
}
