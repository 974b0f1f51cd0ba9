import { randomUUID } from "node:crypto";
import { readClaims } from "../sign-in/token-claims.ts";
import { type Finding, findingsFor } from "./finding.ts";
import { codeOf, probeCaller, summaryOf } from "./probe.ts";
import type { SendableToken } from "./sendable-token.ts";

const GUIDE =
  "The gateway must overwrite or remove a client-id header that a caller sends. See docs/gateway.md.";
const SPOOFABLE = "anyone can impersonate any client by sending a header";

/** Checks that a `client-id` header without a token is refused. */
export async function checkWithoutToken(url: string): Promise<Finding> {
  const { good, bad, unknown } = findingsFor("client-id, no token");
  const spoofed = randomUUID();
  const response = await probeCaller(url, spoofed, { "client-id": spoofed });
  if (response.status === null) return unknown(`no answer: ${response.reason}`);
  const [summary, code] = [summaryOf(response), codeOf(response)];
  if (response.status === 401 && code === "caller_unidentified") return good(`refused (${summary})`);
  if (response.status === 401) {
    return bad(
      `refused (${summary}), but not as a problem with the code caller_unidentified`,
      "Clients rely on that code. Update your gateway to match the samples. See docs/gateway.md.",
    );
  }
  if (response.status === 200 && typeof response.body?.["decision"] === "boolean")
    return bad(`accepted: ${SPOOFABLE}`, GUIDE);
  if (code === "not_your_decision")
    return bad("the gateway sends another client id when there is no token", GUIDE);
  return unknown(`answered ${summary}`, "Expected 401 caller_unidentified.");
}

/** Checks that an invalid token is refused as `invalid_token`. */
export async function checkBadToken(url: string): Promise<Finding> {
  const { good, bad, unknown } = findingsFor("Invalid token");
  const response = await probeCaller(url, randomUUID(), { authorization: "Bearer not.a.token" });
  if (response.status === null) return unknown(`no answer: ${response.reason}`);
  const [summary, code] = [summaryOf(response), codeOf(response)];
  if (response.status === 401 && code === "invalid_token") return good(`refused (${summary})`);
  const isWrong = response.status === 401 || response.status < 400;
  return (isWrong ? bad : unknown)(`answered ${summary}`, "Expected 401 invalid_token. See docs/gateway.md.");
}

/** Checks that LKPS takes the caller from the token, and that a `client-id` header does not change that. */
export async function checkWithToken(url: string, sendable: SendableToken): Promise<Finding[]> {
  const spoof = findingsFor("client-id, with token");
  if (sendable.token === null) return [spoof.skipped(...sendable.skipped)];
  const authorization = `Bearer ${sendable.token}`;
  const caller = readClaims(sendable.token)?.application ?? null;
  const identity = caller === null ? null : await checkIdentity(url, caller, authorization);
  if (identity !== null && identity.outcome !== "good") return [identity];
  const spoofed = randomUUID();
  const response = await probeCaller(url, spoofed, { authorization, "client-id": spoofed });
  const outcome = () => {
    if (response.status === null) return spoof.unknown(`no answer: ${response.reason}`);
    const code = codeOf(response);
    if (code === "not_your_decision") return spoof.good("has no effect");
    if (response.status === 200) return spoof.bad(`accepted: ${SPOOFABLE}`, GUIDE);
    if (code === "caller_unidentified")
      return spoof.bad("the gateway adds a second value, so LKPS refuses the request", GUIDE);
    return spoof.unknown(`answered ${summaryOf(response)}`);
  };
  return [...(identity === null ? [] : [identity]), outcome()];
}

async function checkIdentity(url: string, caller: string, authorization: string): Promise<Finding> {
  const { good, bad, unknown } = findingsFor("Caller");
  const response = await probeCaller(url, caller, { authorization });
  if (response.status === null) return unknown(`no answer: ${response.reason}`);
  if (response.status === 200) return good(`LKPS identifies the caller as ${caller}`);
  const found = `answered ${summaryOf(response)} to the token of ${caller}`;
  return codeOf(response) === "not_your_decision"
    ? bad(found, "The gateway sends a different client id than the one in the token (azp or appid).")
    : unknown(found, "Check that the token is for LKPS, from its tenant, and not expired.");
}

/** Checks that the app cannot be used without going through the gateway. */
export async function checkFunctionKey(appUrl: string | undefined): Promise<Finding> {
  const { good, bad, unknown, skipped } = findingsFor("Function key");
  if (appUrl === undefined)
    return skipped("not checked: it needs the app's own address", "To run this check, use --app-url.");
  const spoofed = randomUUID();
  const response = await probeCaller(appUrl, spoofed, { "client-id": spoofed });
  if (response.status === null) {
    return unknown(
      `the app cannot be reached from here: ${response.reason}`,
      "Run this check from inside its network.",
    );
  }
  const code = codeOf(response);
  const requires = (what: string) => good(`without the gateway, the app ${what} (${response.status})`);
  if (response.status === 401 && response.isEmpty) return requires("requires its key");
  if (response.status === 401 && ["caller_unidentified", "invalid_token"].includes(code))
    return requires("requires an access token");
  if (response.status === 403 && response.body === null) return requires("refuses all requests");
  if (code !== "" || typeof response.body?.["decision"] === "boolean") {
    return bad(
      `without the gateway, the app answers without a key: ${SPOOFABLE}`,
      "With CALLER_IDENTITY gateway-header, the app must have auth level function, and only the gateway may have the key. Deploy the app unchanged.",
    );
  }
  return unknown(`answered ${summaryOf(response)}`, "Check that --app-url is the app's own address.");
}
