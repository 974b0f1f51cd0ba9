import { randomUUID } from "node:crypto";
import { type Finding, findingsOf } from "./finding.ts";
import { codeOf, type ProbeAnswer, said } from "./probe.ts";
import { probeRaw } from "./probe-raw.ts";

// What decodes to `..` if it is decoded twice, as by a gateway that matches a route before it sends the path on.
const DOTS = ["%252e%252e", ".%252e", "%252e.", "%%32%65%%32%65"];
const FROM_DOCS = DOTS.map((dots) => ({ method: "GET", path: `/api/docs/${dots}/agent/authorization` }));
const TO_ADMIN = DOTS.flatMap((dots) => [
  { method: "POST", path: `/api/${dots}/admin/functions/x` },
  { method: "GET", path: `/api/${dots}/admin/host/status` },
]);
const GUIDE = "Refuse paths with %2e or dot segments before a route is chosen: docs/gateway.md.";

/**
 * Whether a path can leave the route that a gateway has chosen for it: from the docs, which anyone may read, to an
 * agent's route, and from the API to the admin routes of the Functions host, with the key that the gateway adds.
 *
 * @param token - with it the gateway lets the second kind further; none if it must not travel there
 */
export async function examineEscapes(url: string, token: string | undefined): Promise<Finding> {
  const { good, bad, unknown } = findingsOf("Path escape");
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const tried = await Promise.all([
    ...FROM_DOCS.map(async (request) => ({ ...request, answer: await probeRaw(url, request) })),
    ...TO_ADMIN.map(async (request) => ({
      ...request,
      answer: await probeRaw(url, { ...request, headers }),
    })),
  ]);
  const through = tried.find(({ answer }) => gotThrough(answer));
  if (through !== undefined) {
    return bad(`${through.method} ${through.path} reaches another route: ${saidOf(through.answer)}`, GUIDE);
  }
  const open = tried.find(({ answer }) => !isRefused(answer));
  if (open === undefined) {
    const answers = [...new Set(tried.map(({ answer }) => saidOf(answer)))].join(", ");
    return good(`${tried.length} paths with encoded dots are refused (${answers})`);
  }
  const asksForToken = open.answer.status === 401 && token === undefined;
  return unknown(
    `${open.method} ${open.path}: ${saidOf(open.answer)}`,
    asksForToken ? "With an access token it may get further: give one in LKPS_TOKEN." : null,
  );
}

/** What lies behind the gateway has answered: the Functions host, which has no bodies, or LKPS itself. */
function gotThrough(answer: ProbeAnswer): boolean {
  if (answer.status === null) return false;
  if (answer.status === 401 && answer.isEmpty) return true;
  const isLkps = String(answer.body?.["instance"] ?? "").startsWith("urn:lkps:invocation:");
  return isLkps || (answer.status >= 200 && answer.status < 300);
}

function isRefused({ status }: ProbeAnswer): boolean {
  return status !== null && status >= 400 && status < 500 && status !== 401;
}

/** Whether a WebSocket, which many gateways pass on without asking for a token, gets through. */
export async function examineWebSocket(url: string): Promise<Finding> {
  const { good, bad, unknown } = findingsOf("WebSocket");
  const answer = await probeRaw(url, {
    method: "GET",
    path: "/api/agent/authorization",
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": Buffer.alloc(16).toString("base64"),
      "client-id": randomUUID(),
    },
  });
  if (answer.status === null) return unknown(`nothing answers: ${answer.reason}`);
  if (answer.status >= 400 && answer.status < 500) return good(`an upgrade opens nothing (${said(answer)})`);
  if ([502, 503, 504].includes(answer.status)) return unknown(`an upgrade is answered ${said(answer)}`);
  return bad(
    `an upgrade without a token is answered ${said(answer)}`,
    "Refuse WebSocket upgrades before they reach LKPS: docs/gateway.md.",
  );
}

function saidOf(answer: ProbeAnswer): string {
  return answer.status === null ? answer.reason : said(answer);
}

/** Whether `?code=`, by which the Functions host takes a key too, changes what the gateway makes of a request. */
export async function examineCode(url: string, token: string | undefined): Promise<Finding> {
  const { good, bad, unknown } = findingsOf("?code=");
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const path = "/api/agent/registration";
  const plain = await probeRaw(url, { method: "GET", path, headers });
  const withCode = await probeRaw(url, { method: "GET", path: `${path}?code=${randomUUID()}`, headers });
  if (plain.status === null || withCode.status === null) return unknown("nothing answers");
  const isSame = plain.status === withCode.status && codeOf(plain) === codeOf(withCode);
  if (isSame) return good(`changes nothing (${said(withCode)})`);
  return bad(
    `changes the answer from ${said(plain)} to ${said(withCode)}`,
    "Remove the parameter code from queries: it is a place for the function key. docs/gateway.md.",
  );
}
