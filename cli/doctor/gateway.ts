import { randomUUID } from "node:crypto";
import { factsOf } from "../sign-in/token-facts.ts";
import { type Finding, findingsOf } from "./finding.ts";
import { codeOf, evaluation, type ProbeAnswer, probe, said } from "./probe.ts";

// Each question is an evaluation about an id that nobody has. LKPS answers callers about themselves only: by 200 to an
// evaluation about the spoofed id, it says that it takes the caller for that one.
const PATH = "/api/access/v1/evaluation";
const GUIDE = "The gateway must overwrite or remove a client-id that comes from outside: docs/gateway.md.";
const BELIEVED = "anybody can be any client by sending a header";

/** Whether a `client-id` of the caller's own, without a token, opens anything. */
export async function examineWithoutToken(url: string): Promise<Finding> {
  const { good, bad, unknown } = findingsOf("client-id, no token");
  const spoofed = randomUUID();
  const answer = await probe(`${url}${PATH}`, evaluation(spoofed, randomUUID(), { "client-id": spoofed }));
  if (answer.status === null) return unknown(`nothing answers: ${answer.reason}`);
  if (answer.status === 401 && codeOf(answer) === "caller_unidentified")
    return good(`is refused (${said(answer)})`);
  if (answer.status === 401) {
    return bad(
      `is refused (${said(answer)}), but not as a problem with the code caller_unidentified`,
      "Clients go by that code. The sample gateways answer with it: is yours up to date? docs/gateway.md.",
    );
  }
  if (answer.status === 200 && typeof answer.body?.["decision"] === "boolean")
    return bad(`is believed: ${BELIEVED}`, GUIDE);
  if (codeOf(answer) === "not_your_decision")
    return bad("someone else's name is put there without a token", GUIDE);
  return unknown(`answers ${said(answer)}`, "Expected was 401 caller_unidentified.");
}

/** Whether a token that is none is told from no token. */
export async function examineBadToken(url: string): Promise<Finding> {
  const { good, bad, unknown } = findingsOf("Bad token");
  const authorization = "Bearer not.a.token";
  const answer = await probe(`${url}${PATH}`, evaluation(randomUUID(), randomUUID(), { authorization }));
  if (answer.status === null) return unknown(`nothing answers: ${answer.reason}`);
  if (answer.status === 401 && codeOf(answer) === "invalid_token")
    return good(`is refused (${said(answer)})`);
  const advice = "Expected was 401 invalid_token: docs/gateway.md.";
  return answer.status === 401 || answer.status < 400
    ? bad(`is answered ${said(answer)}`, advice)
    : unknown(`is answered ${said(answer)}`, advice);
}

/**
 * Whether a `client-id` of the caller's own changes whom LKPS takes the holder of a token for.
 *
 * @param isSafe - whether a token may travel there at all
 */
export async function examineWithToken(
  url: string,
  token: string | undefined,
  isSafe: boolean,
): Promise<Finding[]> {
  const identity = findingsOf("Who the token is");
  const spoof = findingsOf("client-id, with token");
  if (token === undefined) {
    const how = "give a token in LKPS_TOKEN, or --scope, or --local --as";
    return [spoof.skipped("needs an access token", `To look at it, ${how}.`)];
  }
  if (!isSafe) return [spoof.skipped("the token is not sent where it would not be safe")];
  const authorization = `Bearer ${token}`;
  const caller = factsOf(token)?.application;
  const findings: Finding[] = [];
  if (caller != null) {
    const answer = await probe(`${url}${PATH}`, evaluation(caller, randomUUID(), { authorization }));
    if (answer.status === null) return [identity.unknown(`nothing answers: ${answer.reason}`)];
    if (answer.status !== 200) {
      const found = `answers ${said(answer)} to the token of ${caller}`;
      if (codeOf(answer) === "not_your_decision") {
        return [
          identity.bad(found, "The gateway names another application than the token does (azp or appid)."),
        ];
      }
      return [identity.unknown(found, "Is it a token for LKPS, of its tenant, and not expired?")];
    }
    findings.push(identity.good(`LKPS takes it for ${caller}`));
  }
  const spoofed = randomUUID();
  const headers = { authorization, "client-id": spoofed };
  const answer = await probe(`${url}${PATH}`, evaluation(spoofed, randomUUID(), headers));
  return [...findings, judgeSpoof(answer, spoof)];
}

function judgeSpoof(answer: ProbeAnswer, { good, bad, unknown }: ReturnType<typeof findingsOf>): Finding {
  if (answer.status === null) return unknown(`nothing answers: ${answer.reason}`);
  if (codeOf(answer) === "not_your_decision") return good("changes nothing");
  if (answer.status === 200) return bad(`is believed: ${BELIEVED}`, GUIDE);
  if (codeOf(answer) === "caller_unidentified") {
    return bad("the gateway adds its own to it, so that LKPS sees two and refuses both", GUIDE);
  }
  return unknown(`answers ${said(answer)}`);
}

/** Whether the app itself can be reached past the gateway. */
export async function examineFunctionKey(appUrl: string | undefined): Promise<Finding> {
  const { good, bad, unknown, skipped } = findingsOf("Function key");
  if (appUrl === undefined) return skipped("needs the app's own address", "To look at it, give --app-url.");
  const spoofed = randomUUID();
  const answer = await probe(`${appUrl}${PATH}`, evaluation(spoofed, randomUUID(), { "client-id": spoofed }));
  if (answer.status === null) {
    return unknown(`the app cannot be reached from here: ${answer.reason}`, "Ask from inside its network.");
  }
  if (answer.status === 401 && answer.isEmpty) return good("past the gateway the app asks for its key (401)");
  if (answer.status === 401 && ["caller_unidentified", "invalid_token"].includes(codeOf(answer)))
    return good("past the gateway the app asks for an access token (401)");
  if (answer.status === 403 && answer.body === null)
    return good("past the gateway nobody gets to the app (403)");
  if (codeOf(answer) !== "" || typeof answer.body?.["decision"] === "boolean") {
    return bad(
      `past the gateway the app answers without a key: ${BELIEVED}`,
      "CALLER_IDENTITY gateway-header wants auth level function, and only the gateway to hold the key: deploy the app as it is built.",
    );
  }
  return unknown(`answers ${said(answer)}`, "Is it the app's own address?");
}
