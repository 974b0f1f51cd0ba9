// Smoke test of a deployment: azd's postdeploy hook. By hand: `azd hooks run postdeploy`. It changes nothing.
//
// Environment variables: LKPS_URL, LKPS_CALLER_IDENTITY, LKPS_FUNCTION_APP, AZURE_RESOURCE_GROUP, and
// AZURE_SUBSCRIPTION_ID, which azd sets; LKPS_FUNCTION_KEY (default: `az` gets it); LKPS_ACCESS_TOKEN, an application's
// access token for LKPS, if LKPS identifies callers by token; LKPS_SMOKE_SECONDS, how long a new app may take to start.
import { randomUUID } from "node:crypto";
import { functionKey, refreshKeyVaultReferences } from "./function-app.mjs";
import { applicationOf, request } from "./requests.mjs";

const env = process.env;
const url = env["LKPS_URL"]?.replace(/\/$/, "");
const callerIdentity = env["LKPS_CALLER_IDENTITY"] || "gateway-header";
const accessToken = env["LKPS_ACCESS_TOKEN"];
// Roles on the vault can take ten minutes to take effect.
const patienceMs = Number(env["LKPS_SMOKE_SECONDS"] || 900) * 1_000;
const refreshEveryMs = 60_000;
if (!url) {
  console.error("LKPS_URL is not set. In an azd environment, run: azd hooks run postdeploy");
  process.exit(2);
}

/** @typedef {import("./requests.mjs").Answer} Answer */

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

/** @type {{ name: string, expected: string, skip?: string, check: () => Promise<Answer>, patient?: boolean }[]} */
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

console.log(`Smoke test of ${url} (CALLER_IDENTITY ${callerIdentity})`);
const started = Date.now();
let refreshed = Number.NEGATIVE_INFINITY;
let failed = 0;
for (const { name, expected, skip, check, patient } of checks) {
  if (skip !== undefined) {
    console.log(`– ${name}: not run (${skip})`);
    continue;
  }
  let answer = await check();
  while (patient && !fits(answer, expected) && Date.now() - started < patienceMs) {
    if (name === "health") refresh();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    answer = await check();
  }
  const passed = fits(answer, expected);
  if (!passed) failed++;
  const got = `${answer.status || "no answer"} ${answer.code ?? ""}`.trim();
  console.log(passed ? `✓ ${name}: ${got}` : `✗ ${name}: ${got}, expected ${expected}${hint(answer)}`);
}
const run = checks.filter(({ skip }) => skip === undefined).length;
console.log(
  failed === 0
    ? `Smoke test passed: ${run} checks. Next: the gateway, docs/gateway.md`
    : `Smoke test FAILED: ${failed} of ${run} checks. To run it again: azd hooks run postdeploy`,
);
process.exit(failed === 0 ? 0 : 1);

/** Explains once why a new app may take a while to answer, and makes the platform try the secret again each minute. */
function refresh() {
  if (refreshed === Number.NEGATIVE_INFINITY) {
    console.log(
      `… The app does not answer yet. Its rights to read the secret can take ten minutes to take effect, and until then it
  does not start. Waiting for up to ${Math.ceil(patienceMs / 60_000)} minutes.`,
    );
  }
  if (Date.now() - refreshed < refreshEveryMs) return;
  refreshed = Date.now();
  refreshKeyVaultReferences();
}

/** @returns {Promise<Answer>} */
async function getKey() {
  try {
    key = { "x-functions-key": functionKey() };
    return { status: 200 };
  } catch (error) {
    const { stderr } = /** @type {{ stderr?: string }} */ (error);
    return { status: 0, code: `(${(stderr || String(error)).trim().split("\n")[0]})` };
  }
}

/**
 * @param {Answer} answer
 * @param {string} expected
 */
function fits({ status, code }, expected) {
  const [expectedStatus, expectedCode] = expected.split(" ");
  return String(status) === expectedStatus && (expectedCode === undefined || code === expectedCode);
}

/** @param {Answer} answer */
function hint({ status, body }) {
  const dependencies = Object.entries(body?.dependencies ?? {}).filter(([, { ok }]) => !ok);
  const codes = dependencies.map(([name, { code }]) => `${name}: ${code}`).join(", ");
  if (codes.includes("directory_access_denied")) {
    const principal = env["LKPS_IDENTITY_PRINCIPAL_ID"] || "OBJECT_ID";
    return `\n  ${codes}\n  The grant is missing. An admin runs: bash infra/graph/grant.sh ${principal}\n  The app's token from before can be cached for up to a day.`;
  }
  if (codes !== "") return `\n  ${codes}`;
  if (status === 403)
    return "\n  If only the gateway's addresses can call the app, run this test from one of them.";
  return "";
}
