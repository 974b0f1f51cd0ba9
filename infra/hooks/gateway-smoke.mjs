// Smoke test through the Ocelot gateway: the postdeploy hook of infra/gateway. By hand, there: `azd hooks run postdeploy`.
//
// Environment variables: GATEWAY_URL, GATEWAY_NEXT_URL, AZD_DEPLOY_GATEWAY_SLOT_NAME, ENTRA_AUDIENCE, and AZURE_TENANT_ID,
// which azd has; LKPS_TRIAL: true to start a session between two trial applications, as trial.mjs does; LKPS_ACCESS_TOKEN,
// an application's access token for LKPS, without a trial.
import { randomUUID } from "node:crypto";
import { runChecks } from "./checks.mjs";
import { addressFrom, applicationOf, printable, request } from "./requests.mjs";
import { startTrialSession } from "./trial.mjs";

/** @typedef {import("./requests.mjs").Answer} Answer */

const env = process.env;
const url = addressFrom(
  env["AZD_DEPLOY_GATEWAY_SLOT_NAME"] === "staging" ? "GATEWAY_NEXT_URL" : "GATEWAY_URL",
);
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
    name: "a session by an application's own token",
    expected: "200",
    check: trial,
    ...(env["LKPS_TRIAL"] !== "true" && { skip: "LKPS_TRIAL is not true" }),
  },
];

console.log(`Smoke test of the gateway ${url}`);
// The gateway's rights to read the key can take ten minutes to take effect.
const patienceMs = Number(env["LKPS_SMOKE_SECONDS"] || 900) * 1_000;
process.exit((await runChecks(checks, { patienceMs })) ? 0 : 1);

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
    return await startTrialSession(url, { audience, tenant });
  } catch (error) {
    const { stderr } = /** @type {{ stderr?: string }} */ (error);
    return { status: 0, code: `(${printable((stderr || String(error)).trim().split("\n")[0])})` };
  }
}
