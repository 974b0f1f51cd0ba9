import { randomUUID } from "node:crypto";
import { type Finding, findingsFor } from "./finding.ts";
import { codeOf, type ProbeResponse, probe, summaryOf } from "./probe.ts";
import { authorizationOf, type SendableToken } from "./sendable-token.ts";

// These become `..` when decoded twice, as by a gateway that matches the route before it forwards the path.
const DOTS = ["%252e%252e", ".%252e", "%252e.", "%%32%65%%32%65"];
const DOCS_ESCAPES = DOTS.map((dots) => ({ method: "GET", path: `/api/docs/${dots}/agent/authorization` }));
const ADMIN_ESCAPES = DOTS.flatMap((dots) => [
  { method: "POST", path: `/api/${dots}/admin/functions/x` },
  { method: "GET", path: `/api/${dots}/admin/host/status` },
]);
const GUIDE = "Refuse paths with %2e or dot segments before routing. See docs/gateway.md.";

/**
 * Checks that a path cannot leave the route that the gateway chose for it: from the docs, which are public, to an agent's
 * route, or from the API to the admin routes of the Functions host, which accept the key that the gateway adds.
 *
 * @param sendable - lets the second kind of path get past the gateway's token check
 */
export async function checkEscapes(url: string, sendable: SendableToken): Promise<Finding> {
  const { good, bad, unknown } = findingsFor("Path escape");
  const headers = authorizationOf(sendable);
  const tried = await Promise.all([
    ...DOCS_ESCAPES.map(async (request) => ({ ...request, response: await probe(url, request) })),
    ...ADMIN_ESCAPES.map(async (request) => ({
      ...request,
      response: await probe(url, { ...request, headers }),
    })),
  ]);
  const bypass = tried.find(({ response }) => reachedApp(response));
  if (bypass !== undefined) {
    return bad(`${bypass.method} ${bypass.path} reaches another route: ${summaryOf(bypass.response)}`, GUIDE);
  }
  const noSuchPath = await probe(url, { method: "GET", path: `/api/${randomUUID()}`, headers });
  const unclear = tried.find(({ response }) => !isRefused(response, noSuchPath));
  if (unclear === undefined) {
    const responses = [...new Set(tried.map(({ response }) => summaryOf(response)))].join(", ");
    return good(`${tried.length} paths with encoded dots are refused (${responses})`);
  }
  const found = `${unclear.method} ${unclear.path}: ${summaryOf(unclear.response)}`;
  const needsToken = unclear.response.status === 401 && sendable.token === null;
  return unknown(found, needsToken ? sendable.skipped[1] : null);
}

/** Whether the answer comes from behind the gateway: from the Functions host, whose 401 has no body, or from LKPS. */
function reachedApp(response: ProbeResponse): boolean {
  if (response.status === null) return false;
  if (response.status === 401 && response.isEmpty) return true;
  return isFromLkps(response) || (response.status >= 200 && response.status < 300);
}

function isFromLkps({ body }: Extract<ProbeResponse, { body: unknown }>): boolean {
  return String(body?.["instance"] ?? "").startsWith("urn:lkps:invocation:");
}

/**
 * An empty 403 or 404 may be the Functions host's own, which lets nobody with a function key into its admin routes: it
 * counts only if a path that does not exist gets the same answer.
 */
function isRefused(response: ProbeResponse, noSuchPath: ProbeResponse): boolean {
  const { status } = response;
  if (status === null || status < 400 || status >= 500 || status === 401) return false;
  if (status === 400 || !response.isEmpty) return true;
  return noSuchPath.status === status && noSuchPath.isEmpty;
}

/** Checks that a WebSocket upgrade, which many gateways forward without a token, is refused. */
export async function checkWebSocket(url: string): Promise<Finding> {
  const { good, bad, unknown } = findingsFor("WebSocket");
  const response = await probe(url, {
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
  if (response.status === null) return unknown(`no answer: ${response.reason}`);
  const summary = summaryOf(response);
  const isRefusal = response.status >= 400 && response.status < 500;
  const advice = "Refuse WebSocket upgrades at the gateway. See docs/gateway.md.";
  if (isRefusal && isFromLkps(response)) {
    // An app that checks access tokens itself. Any other code means that LKPS trusted the client-id header.
    if (response.status === 401) return good(`an upgrade without a token is refused (${summary})`);
    return bad(`an upgrade without a token reaches LKPS, which answers ${summary}`, advice);
  }
  if (response.status === 401 && response.isEmpty)
    return unknown("an upgrade is refused (401), perhaps only by the Functions host", advice);
  if (isRefusal) return good(`an upgrade is refused (${summary})`);
  if ([502, 503, 504].includes(response.status)) return unknown(`the answer to an upgrade is ${summary}`);
  return bad(`the answer to an upgrade without a token is ${summary}`, advice);
}

/** Checks that the query parameter `code`, in which the Functions host accepts a key, has no effect. */
export async function checkCode(url: string, sendable: SendableToken): Promise<Finding> {
  const { good, bad, unknown, skipped } = findingsFor("?code=");
  // Without a token, the gateway itself refuses both requests.
  if (sendable.token === null) return skipped(...sendable.skipped);
  const headers = authorizationOf(sendable);
  const path = "/api/agent/registration";
  const plain = await probe(url, { method: "GET", path, headers });
  const withCode = await probe(url, { method: "GET", path: `${path}?code=${randomUUID()}`, headers });
  if (plain.status === null || withCode.status === null) return unknown("no answer");
  if (plain.status === 401) return unknown(`not checked: the token is refused (${summaryOf(plain)})`);
  const isSame = plain.status === withCode.status && codeOf(plain) === codeOf(withCode);
  if (isSame) return good(`has no effect (${summaryOf(withCode)})`);
  return bad(
    `changes the answer from ${summaryOf(plain)} to ${summaryOf(withCode)}`,
    "Remove the query parameter code at the gateway: the Functions host accepts the function key in it. See docs/gateway.md.",
  );
}
