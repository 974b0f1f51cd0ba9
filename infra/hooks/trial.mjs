// Starts a session as agents and clients do, by their own access tokens:
//
//   node infra/hooks/trial.mjs
//
// It registers a trial agent and a trial client in Entra ID, which takes the right to register applications, lets the agent
// accept the client, registers the agent with LKPS, starts a session with it, and removes all of it. The token that it prints
// can still be used to join. It calls PUBLIC_BASE_URL, or else LKPS itself.
import { randomUUID } from "node:crypto";
import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { az, reasonOf, stderrOf } from "./az.mjs";
import { azdEnvironment } from "./azd-environment.mjs";
import { addressFrom, printable, request } from "./requests.mjs";

/** @typedef {import("./requests.mjs").Answer} Answer */
/** @typedef {{ id: string, appId: string, name: string }} Application */

/** Entra ID replicates what is registered; some answers are old until then, also its own. */
const patienceMs = Number(process.env["LKPS_TRIAL_SECONDS"] || 180) * 1_000;
const pauseMs = 3_000;
const notYetThere = /Request_ResourceNotFound|NoBackingApplicationObject|reference a valid application/;

/**
 * Starts a session between two trial applications.
 * @param {string} url where callers reach LKPS
 * @param {{ audience: string, tenant: string }} entra
 * @param {Record<string, string>} [headers] that are sent beside each token
 * @returns {Promise<Answer>} of the start of the session, or of the first step that did not succeed
 * @throws if `az` may not register applications
 */
export async function startTrialSession(url, { audience, tenant }, headers = {}) {
  const cloud = JSON.parse(az(["cloud", "show", "--query", "endpoints", "--output", "json"]));
  const graph = `${cloud.microsoftGraphResourceId.replace(/\/$/, "")}/v1.0`;
  const tokens = `${cloud.activeDirectory.replace(/\/$/, "")}/${tenant}/oauth2/v2.0/token`;
  /** @type {Application[]} */
  const made = [];
  /** @param {string} name @param {object} [api] */
  const register = async (name, api = {}) => {
    const title = `LKPS ${name} ${randomUUID().slice(0, 8)}`;
    const { id, appId } = await send("POST", "applications", {
      displayName: title,
      signInAudience: "AzureADMyOrg",
      api,
    });
    made.push({ id, appId, name });
    await send("POST", "servicePrincipals", { appId });
    return { id, appId, name };
  };
  /** @param {"POST" | "PATCH" | "DELETE"} method @param {string} path @param {object} [body] */
  const send = async (method, path, body) => {
    const json = body ? ["--headers", "Content-Type=application/json", "--body", "@-"] : [];
    const rest = ["rest", "--method", method, "--url", `${graph}/${path}`, "--output", "json", ...json];
    for (const started = Date.now(); ; ) {
      try {
        return JSON.parse(az(rest, body && JSON.stringify(body)) || "{}");
      } catch (error) {
        if (!notYetThere.test(stderrOf(error)) || Date.now() - started >= patienceMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  };
  try {
    const scope = { id: randomUUID(), value: "access_as_client", type: "User", isEnabled: true };
    const texts = { adminConsentDisplayName: "Trial", adminConsentDescription: "A trial of LKPS." };
    const agent = await register("trial agent", { oauth2PermissionScopes: [{ ...scope, ...texts }] });
    const client = await register("trial client");
    const entry = { appId: client.appId, delegatedPermissionIds: [scope.id] };
    await send("PATCH", `applications/${agent.id}`, { api: { preAuthorizedApplications: [entry] } });

    const lkps = audience.startsWith("api://") ? audience : `api://${audience}`;
    /** @param {Application} application */
    const headersOf = async ({ id, appId, name }) => {
      const passwordCredential = {
        displayName: "trial",
        endDateTime: new Date(Date.now() + 3_600_000).toISOString(),
      };
      const { secretText } = await send("POST", `applications/${id}/addPassword`, { passwordCredential });
      const body = {
        grant_type: "client_credentials",
        client_id: appId,
        client_secret: secretText,
        scope: `${lkps}/.default`,
      };
      const authorization = await until(async () => {
        const response = await fetch(tokens, {
          method: "POST",
          body: new URLSearchParams(body),
          redirect: "manual",
        });
        return /** @type {any} */ (await response.json()).access_token;
      });
      if (authorization === undefined) throw new Error(`Entra ID issues no token for LKPS to the ${name}`);
      return { ...headers, authorization: `Bearer ${authorization}` };
    };
    const [agentHeaders, clientHeaders] = [await headersOf(agent), await headersOf(client)];
    const registered = await patiently(() => request(`${url}/api/agent/register`, agentHeaders, {}));
    if (registered.status !== 200 && registered.status !== 201) return registered;
    const started = await patiently(() =>
      request(`${url}/api/session/start`, clientHeaders, { agent_entra_app_id: agent.appId }),
    );
    // What is left of it concerns nobody: its application is gone in a moment.
    await fetch(`${url}/api/agent/registration`, {
      method: "DELETE",
      headers: agentHeaders,
      redirect: "manual",
    }).catch(() => undefined);
    return started;
  } finally {
    for (const { id, name } of made) {
      try {
        await send("DELETE", `applications/${id}`);
      } catch {
        console.error(`The ${name} could not be deleted. Its object id is ${id}.`);
      }
    }
  }
}

/** @param {() => Promise<Answer>} call */
async function patiently(call) {
  let last = /** @type {Answer} */ ({ status: 0 });
  await until(async () => {
    last = await call();
    // 401 and 403 can be of the time before the registration; everything else will not change.
    return ![401, 403].includes(last.status) || undefined;
  });
  return last;
}

/**
 * Repeats a call until it returns something, or the time is over.
 * @template T
 * @param {() => Promise<T | undefined>} call
 */
async function until(call) {
  const started = Date.now();
  for (;;) {
    const result = await call().catch(() => undefined);
    if (result !== undefined || Date.now() - started >= patienceMs) return result;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

if (import.meta.url === pathToFileURL(realpathSync(process.argv[1] ?? "")).href) {
  Object.assign(process.env, azdEnvironment());
  const url = addressFrom(process.env["PUBLIC_BASE_URL"] ? "PUBLIC_BASE_URL" : "LKPS_URL");
  const audience = process.env["ENTRA_AUDIENCE"]?.split(",")[0]?.trim();
  const tenant = process.env["AZURE_TENANT_ID"];
  if (!audience || !tenant) {
    console.error("ENTRA_AUDIENCE or AZURE_TENANT_ID is not set: see docs/deploy.md.");
    process.exit(2);
  }
  console.log(
    `Registering a trial agent and a trial client, and starting a session at ${url}. This can take two minutes.`,
  );
  try {
    const answer = await startTrialSession(url, { audience, tenant });
    if (answer.status !== 200) {
      console.error(
        `✗ ${answer.status || "no answer"} ${answer.code ?? ""}\n  ${printable(answer.body?.detail ?? "")}`,
      );
      process.exit(1);
    }
    console.log(`✓ A session. To enter it, paste these into the tab Custom of https://meet.livekit.io/?tab=custom:
${printable(answer.body.server_url)}
${/^[\w.-]+$/.test(answer.body.participant_token) ? answer.body.participant_token : "(no token)"}`);
  } catch (error) {
    console.error(`✗ ${reasonOf(error)}`);
    process.exit(1);
  }
}
