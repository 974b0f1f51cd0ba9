import { randomUUID } from "node:crypto";
import { EVALUATION_PATH } from "../service/evaluation-request.ts";
import { readClaims } from "../sign-in/token-claims.ts";
import { type Finding, findingsFor } from "./finding.ts";
import { codeOf, evaluation, type ProbeResponse, probe, summaryOf } from "./probe.ts";
import type { SendableToken } from "./sendable-token.ts";

// Each check sends an evaluation about a random id. LKPS evaluates a caller's own access only: if it answers 200 for the
// spoofed id, it has accepted that id as the caller.
const GUIDE =
  "The gateway must overwrite or remove a client-id header that a caller sends. See docs/gateway.md.";
const SPOOFABLE = "anyone can impersonate any client by sending a header";

/** Checks that a `client-id` header without a token is refused. */
export async function checkWithoutToken(url: string): Promise<Finding> {
  const { good, bad, unknown } = findingsFor("client-id, no token");
  const spoofed = randomUUID();
  const response = await probe(
    `${url}${EVALUATION_PATH}`,
    evaluation(spoofed, randomUUID(), { "client-id": spoofed }),
  );
  if (response.status === null) return unknown(`no answer: ${response.reason}`);
  if (response.status === 401 && codeOf(response) === "caller_unidentified")
    return good(`refused (${summaryOf(response)})`);
  if (response.status === 401) {
    return bad(
      `refused (${summaryOf(response)}), but not as a problem with the code caller_unidentified`,
      "Clients rely on that code. Update your gateway to match the samples. See docs/gateway.md.",
    );
  }
  if (response.status === 200 && typeof response.body?.["decision"] === "boolean")
    return bad(`accepted: ${SPOOFABLE}`, GUIDE);
  if (codeOf(response) === "not_your_decision")
    return bad("the gateway sends another client id when there is no token", GUIDE);
  return unknown(`answered ${summaryOf(response)}`, "Expected 401 caller_unidentified.");
}

/** Checks that an invalid token is refused as `invalid_token`. */
export async function checkBadToken(url: string): Promise<Finding> {
  const { good, bad, unknown } = findingsFor("Invalid token");
  const authorization = "Bearer not.a.token";
  const response = await probe(
    `${url}${EVALUATION_PATH}`,
    evaluation(randomUUID(), randomUUID(), { authorization }),
  );
  if (response.status === null) return unknown(`no answer: ${response.reason}`);
  if (response.status === 401 && codeOf(response) === "invalid_token")
    return good(`refused (${summaryOf(response)})`);
  const advice = "Expected 401 invalid_token. See docs/gateway.md.";
  return response.status === 401 || response.status < 400
    ? bad(`answered ${summaryOf(response)}`, advice)
    : unknown(`answered ${summaryOf(response)}`, advice);
}

/** Checks that LKPS takes the caller from the token, and that a `client-id` header does not change that. */
export async function checkWithToken(url: string, sendable: SendableToken): Promise<Finding[]> {
  const identity = findingsFor("Caller");
  const spoof = findingsFor("client-id, with token");
  if (sendable.token === null) return [spoof.skipped(...sendable.skipped)];
  const { token } = sendable;
  const authorization = `Bearer ${token}`;
  const caller = readClaims(token)?.application;
  const findings: Finding[] = [];
  if (caller != null) {
    const response = await probe(
      `${url}${EVALUATION_PATH}`,
      evaluation(caller, randomUUID(), { authorization }),
    );
    if (response.status === null) return [identity.unknown(`no answer: ${response.reason}`)];
    if (response.status !== 200) {
      const found = `answered ${summaryOf(response)} to the token of ${caller}`;
      if (codeOf(response) === "not_your_decision") {
        return [
          identity.bad(
            found,
            "The gateway sends a different client id than the one in the token (azp or appid).",
          ),
        ];
      }
      return [identity.unknown(found, "Check that the token is for LKPS, from its tenant, and not expired.")];
    }
    findings.push(identity.good(`LKPS identifies the caller as ${caller}`));
  }
  const spoofed = randomUUID();
  const headers = { authorization, "client-id": spoofed };
  const response = await probe(`${url}${EVALUATION_PATH}`, evaluation(spoofed, randomUUID(), headers));
  return [...findings, spoofFinding(response, spoof)];
}

function spoofFinding(
  response: ProbeResponse,
  { good, bad, unknown }: ReturnType<typeof findingsFor>,
): Finding {
  if (response.status === null) return unknown(`no answer: ${response.reason}`);
  if (codeOf(response) === "not_your_decision") return good("has no effect");
  if (response.status === 200) return bad(`accepted: ${SPOOFABLE}`, GUIDE);
  if (codeOf(response) === "caller_unidentified") {
    return bad("the gateway adds a second value, so LKPS refuses the request", GUIDE);
  }
  return unknown(`answered ${summaryOf(response)}`);
}

/** Checks that the app cannot be used without going through the gateway. */
export async function checkFunctionKey(appUrl: string | undefined): Promise<Finding> {
  const { good, bad, unknown, skipped } = findingsFor("Function key");
  if (appUrl === undefined)
    return skipped("not checked: it needs the app's own address", "To run this check, use --app-url.");
  const spoofed = randomUUID();
  const response = await probe(
    `${appUrl}${EVALUATION_PATH}`,
    evaluation(spoofed, randomUUID(), { "client-id": spoofed }),
  );
  if (response.status === null) {
    return unknown(
      `the app cannot be reached from here: ${response.reason}`,
      "Run this check from inside its network.",
    );
  }
  if (response.status === 401 && response.isEmpty)
    return good("without the gateway, the app requires its key (401)");
  if (response.status === 401 && ["caller_unidentified", "invalid_token"].includes(codeOf(response)))
    return good("without the gateway, the app requires an access token (401)");
  if (response.status === 403 && response.body === null)
    return good("without the gateway, the app refuses all requests (403)");
  if (codeOf(response) !== "" || typeof response.body?.["decision"] === "boolean") {
    return bad(
      `without the gateway, the app answers without a key: ${SPOOFABLE}`,
      "With CALLER_IDENTITY gateway-header, the app must have auth level function, and only the gateway may have the key. Deploy the app unchanged.",
    );
  }
  return unknown(`answered ${summaryOf(response)}`, "Check that --app-url is the app's own address.");
}
