// Smoke test of a deployment: azd's postdeploy hook, and by hand: `node infra/hooks/smoke.mjs`. It changes nothing.
//
// Read from the environment, azd sets the first four: LKPS_URL, LKPS_CALLER_IDENTITY, LKPS_FUNCTION_APP,
// AZURE_RESOURCE_GROUP; LKPS_FUNCTION_KEY (else `az` is asked for it); LKPS_ACCESS_TOKEN, an application's access token
// for LKPS, if LKPS identifies callers by token; LKPS_SMOKE_SECONDS, how long a new deployment may take to answer.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";

const env = process.env;
const url = env["LKPS_URL"]?.replace(/\/$/, "");
const callerIdentity = env["LKPS_CALLER_IDENTITY"] || "gateway-header";
const accessToken = env["LKPS_ACCESS_TOKEN"];
const patienceMs = Number(env["LKPS_SMOKE_SECONDS"] || 180) * 1_000;
if (!url) {
  console.error("LKPS_URL is not set. In an azd environment: azd hooks run postdeploy");
  process.exit(2);
}

/** @typedef {{ status: number, code?: string, body: any }} Answer */

const byHeader = callerIdentity !== "access-token";
const byToken = callerIdentity !== "gateway-header";
/** @type {Record<string, string>} */
const key = byHeader ? { "x-functions-key": functionKey() } : {};
/** @type {Record<string, string>} */
const token = accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` };
const caller = applicationOf(accessToken) ?? randomUUID();
const start = { agent_entra_app_id: randomUUID() };

/** @type {{ name: string, expected: string, skip?: string, check: () => Promise<Answer>, patient?: boolean }[]} */
const checks = [
  { name: "health", expected: "200", check: () => send("/api/health"), patient: true },
  { name: "ready", expected: "200", check: () => send("/api/health/ready"), patient: true },
  {
    name: "a session with an unregistered agent",
    expected: "404 agent_not_registered",
    check: () => send("/api/session/start", { ...key, ...token, ...(byHeader && { "client-id": caller }) }),
    ...(byToken && accessToken === undefined && { skip: "LKPS_ACCESS_TOKEN is not set" }),
  },
  {
    name: "a spoofed caller, past the gateway",
    // Without its key the Functions host answers, which has no body.
    expected: byHeader ? "401" : "401 caller_unidentified",
    check: () => send("/api/session/start", { "client-id": caller }),
  },
  {
    name: "a spoofed caller, a second id in the header",
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

console.log(`Smoke test of ${url} (callers by ${callerIdentity})`);
const started = Date.now();
let failed = 0;
for (const { name, expected, skip, check, patient } of checks) {
  if (skip !== undefined) {
    console.log(`– ${name}: not run, ${skip}`);
    continue;
  }
  let answer = await check();
  // A new app starts cold, and its rights take some minutes to be known everywhere.
  while (patient && !fits(answer, expected) && Date.now() - started < patienceMs) {
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
  failed === 0 ? `Smoke test passed: ${run} checks.` : `Smoke test FAILED: ${failed} of ${run} checks.`,
);
process.exit(failed === 0 ? 0 : 1);

/**
 * @param {Answer} answer
 * @param {string} expected
 */
function fits({ status, code }, expected) {
  const [expectedStatus, expectedCode] = expected.split(" ");
  return String(status) === expectedStatus && (expectedCode === undefined || code === expectedCode);
}

/**
 * Starts a session where there are headers, and reads otherwise.
 * @param {string} path
 * @param {Record<string, string>} [headers]
 * @returns {Promise<Answer>}
 */
async function send(path, headers) {
  const signal = AbortSignal.timeout(30_000);
  const post = { method: "POST", body: JSON.stringify(start), signal };
  try {
    const response = await fetch(
      `${url}${path}`,
      headers === undefined
        ? { signal }
        : { ...post, headers: { "content-type": "application/json", ...headers } },
    );
    const text = await response.text();
    const body = text.startsWith("{") ? JSON.parse(text) : undefined;
    return { status: response.status, code: body?.code, body };
  } catch (error) {
    return {
      status: 0,
      code: error instanceof Error ? String(error.cause ?? error.message) : "",
      body: undefined,
    };
  }
}

/** @param {Answer} answer */
function hint({ status, body }) {
  const dependencies = Object.entries(body?.dependencies ?? {}).filter(([, { ok }]) => !ok);
  const codes = dependencies.map(([name, { code }]) => `${name}: ${code}`).join(", ");
  if (codes.includes("directory_access_denied")) {
    return `\n  ${codes}\n  The grant is missing: bash infra/graph/grant.sh "$LKPS_IDENTITY_PRINCIPAL_ID". A token without it is cached for up to a day.`;
  }
  if (codes !== "") return `\n  ${codes}`;
  if (status === 403)
    return "\n  Perhaps only the gateway's addresses may call the app: run this from one of them.";
  return "";
}

/** The key that the gateway calls with. It is never printed. */
function functionKey() {
  const given = env["LKPS_FUNCTION_KEY"];
  if (given) return given;
  const app = [
    "--name",
    env["LKPS_FUNCTION_APP"] ?? "",
    "--resource-group",
    env["AZURE_RESOURCE_GROUP"] ?? "",
  ];
  const query = ["--query", "functionKeys.default", "--output", "tsv"];
  // On Windows az is a .cmd, which only a shell starts.
  const options = { encoding: /** @type {const} */ ("utf8"), shell: process.platform === "win32" };
  return execFileSync("az", ["functionapp", "keys", "list", ...app, ...query], options).trim();
}

/**
 * The application that a token was issued to; the header must name the same where both are asked for.
 * @param {string | undefined} jwt
 * @returns {string | undefined}
 */
function applicationOf(jwt) {
  const payload = jwt?.split(".")[1];
  if (payload === undefined) return undefined;
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  return claims.azp ?? claims.appid;
}
