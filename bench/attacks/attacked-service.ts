import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { api, entry } from "../../tests/support/app-registration.ts";
import { startService } from "../../tests/support/service.ts";

const idOf = (kind: string, n: number) => `${kind}-0000-4000-8000-${String(n).padStart(12, "0")}`;
/** The client id of an agent. */
export const agentOf = (n: number) => idOf("a9e17000", n);

/** The agents with large app registrations: every second one in a batch to Graph. */
const LARGE = new Set(Array.from({ length: 10 }, (_, n) => agentOf(2 * n)));
/** The client's agents, in the same batch. */
export const agents: readonly string[] = Array.from({ length: 10 }, (_, n) => agentOf(2 * n + 1));

// Created once, because the attacker runs in this process too and needs its processor time.
const entries = Array.from({ length: 4_500 }, (_, n) => entry({ appId: idOf("c11e1000", n) }));
const applicationWith = (changes?: Record<string, unknown>) =>
  Buffer.from(JSON.stringify({ api: api(changes) }));
/** Half a megabyte: ten of them are larger than LKPS accepts in one answer. */
const large = applicationWith({ preAuthorizedApplications: entries });
const small = applicationWith();

/** The service, and a Graph in which every app registration except the large ones approves the client. */
export async function startAttackedService() {
  let graphRequests = 0;
  const applicationAt = (url: string): Buffer => {
    graphRequests++;
    return LARGE.has(/appId='([^']+)'/.exec(url)?.[1] ?? "") ? large : small;
  };
  const batchOf = (body: string): Buffer => {
    const { requests } = JSON.parse(body) as { requests: { id: string; url: string }[] };
    const parts = requests.flatMap(({ id, url }, n) => [
      Buffer.from(`${n > 0 ? "," : ""}{"id":"${id}","status":200,"body":`),
      applicationAt(url),
      Buffer.from("}"),
    ]);
    return Buffer.concat([Buffer.from('{"responses":['), ...parts, Buffer.from("]}")]);
  };
  const intercept = async (request: IncomingMessage, response: ServerResponse) => {
    const url = decodeURIComponent(request.url ?? "");
    const isBatch = url === "/v1.0/$batch";
    if (!isBatch && !url.startsWith("/v1.0/applications(")) return false;
    const answer = isBatch ? batchOf(await text(request)) : applicationAt(url);
    response.setHeader("content-type", "application/json").end(answer);
    return true;
  };
  // So short that the cache expires during an attack.
  const settings = { GRAPH_CACHE_SECONDS: "2" };
  const { stack, close } = await startService({ applications: [], intercept, settings });
  return {
    app: { url: stack.appUrl, functionKey: stack.functionKey },
    /** The number of requests to Graph so far; each part of a batch counts. */
    graphRequests: () => graphRequests,
    /** Restarts the app with an empty cache. */
    restart: stack.restartApp,
    [Symbol.asyncDispose]: close,
  };
}
