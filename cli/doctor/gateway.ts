import { randomUUID } from "node:crypto";
import { EVALUATION_PATH } from "../service/evaluation-request.ts";
import { readClaims } from "../sign-in/token-claims.ts";
import { type Finding, findingsFor } from "./finding.ts";
import { codeOf, evaluation, type ProbeAnswer, probe, summaryOf } from "./probe.ts";
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
  const answer = await probe(
    `${url}${EVALUATION_PATH}`,
    evaluation(spoofed, randomUUID(), { "client-id": spoofed }),
  );
  if (answer.status === null) return unknown(`no answer: ${answer.reason}`);
  if (answer.status === 401 && codeOf(answer) === "caller_unidentified")
    return good(`refused (${summaryOf(answer)})`);
  if (answer.status === 401) {
    return bad(
      `refused (${summaryOf(answer)}), but not as a problem with the code caller_unidentified`,
      "Clients rely on that code. Update your gateway to match the samples. See docs/gateway.md.",
    );
  }
  if (answer.status === 200 && typeof answer.body?.["decision"] === "boolean")
    return bad(`accepted: ${SPOOFABLE}`, GUIDE);
  if (codeOf(answer) === "not_your_decision")
    return bad("the gateway sends another client id when there is no token", GUIDE);
  return unknown(`answered ${summaryOf(answer)}`, "Expected 401 caller_unidentified.");
}

/** Checks that an invalid token is refused as `invalid_token`. */
export async function checkBadToken(url: string): Promise<Finding> {
  const { good, bad, unknown } = findingsFor("Invalid token");
  const authorization = "Bearer not.a.token";
  const answer = await probe(
    `${url}${EVALUATION_PATH}`,
    evaluation(randomUUID(), randomUUID(), { authorization }),
  );
  if (answer.status === null) return unknown(`no answer: ${answer.reason}`);
  if (answer.status === 401 && codeOf(answer) === "invalid_token")
    return good(`refused (${summaryOf(answer)})`);
  const advice = "Expected 401 invalid_token. See docs/gateway.md.";
  return answer.status === 401 || answer.status < 400
    ? bad(`answered ${summaryOf(answer)}`, advice)
    : unknown(`answered ${summaryOf(answer)}`, advice);
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
    const answer = await probe(
      `${url}${EVALUATION_PATH}`,
      evaluation(caller, randomUUID(), { authorization }),
    );
    if (answer.status === null) return [identity.unknown(`no answer: ${answer.reason}`)];
    if (answer.status !== 200) {
      const found = `answered ${summaryOf(answer)} to the token of ${caller}`;
      if (codeOf(answer) === "not_your_decision") {
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
  const answer = await probe(`${url}${EVALUATION_PATH}`, evaluation(spoofed, randomUUID(), headers));
  return [...findings, spoofFinding(answer, spoof)];
}

function spoofFinding(answer: ProbeAnswer, { good, bad, unknown }: ReturnType<typeof findingsFor>): Finding {
  if (answer.status === null) return unknown(`no answer: ${answer.reason}`);
  if (codeOf(answer) === "not_your_decision") return good("has no effect");
  if (answer.status === 200) return bad(`accepted: ${SPOOFABLE}`, GUIDE);
  if (codeOf(answer) === "caller_unidentified") {
    return bad("the gateway adds a second value, so LKPS refuses the request", GUIDE);
  }
  return unknown(`answered ${summaryOf(answer)}`);
}

/** Checks that the app cannot be used without going through the gateway. */
export async function checkFunctionKey(appUrl: string | undefined): Promise<Finding> {
  const { good, bad, unknown, skipped } = findingsFor("Function key");
  if (appUrl === undefined)
    return skipped("not checked: it needs the app's own address", "To run this check, use --app-url.");
  const spoofed = randomUUID();
  const answer = await probe(
    `${appUrl}${EVALUATION_PATH}`,
    evaluation(spoofed, randomUUID(), { "client-id": spoofed }),
  );
  if (answer.status === null) {
    return unknown(
      `the app cannot be reached from here: ${answer.reason}`,
      "Run this check from inside its network.",
    );
  }
  if (answer.status === 401 && answer.isEmpty)
    return good("without the gateway, the app requires its key (401)");
  if (answer.status === 401 && ["caller_unidentified", "invalid_token"].includes(codeOf(answer)))
    return good("without the gateway, the app requires an access token (401)");
  if (answer.status === 403 && answer.body === null)
    return good("without the gateway, the app refuses all requests (403)");
  if (codeOf(answer) !== "" || typeof answer.body?.["decision"] === "boolean") {
    return bad(
      `without the gateway, the app answers without a key: ${SPOOFABLE}`,
      "With CALLER_IDENTITY gateway-header, the app must have auth level function, and only the gateway may have the key. Deploy the app unchanged.",
    );
  }
  return unknown(`answered ${summaryOf(answer)}`, "Check that --app-url is the app's own address.");
}
