/** Microsoft Graph's client id, and its host in each cloud. */
const GRAPH = new Set([
  "00000003-0000-0000-c000-000000000000",
  "graph.microsoft.com",
  "canary.graph.microsoft.com",
  "graph.microsoft.us",
  "dod-graph.microsoft.us",
  "graph.microsoft.de",
  "microsoftgraph.chinacloudapi.cn",
]);

/**
 * Whether a token audience is Microsoft Graph's. Applications get tokens for Graph and pass them to other
 * services. If LKPS accepted them, any recipient could act as that application.
 *
 * @param graphBaseUrl - the configured address of Graph, which also counts
 * @see https://learn.microsoft.com/graph/deployments
 */
export function isGraphAudience(audience: string, graphBaseUrl: string): boolean {
  const name = nameOf(audience);
  return GRAPH.has(name) || name === nameOf(graphBaseUrl);
}

/**
 * Without the prefix `spn:`, the host and port of a URL, or the first segment of anything else, such as
 * `{client id}/{host}`.
 */
function nameOf(audience: string): string {
  const lowerCase = audience.toLowerCase().replace(/^spn:/, "");
  return URL.parse(lowerCase)?.host || (lowerCase.split("/", 1)[0] as string);
}
