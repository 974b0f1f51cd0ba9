/** Microsoft Graph's client id, and its hosts in each cloud. */
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
 * Whether an audience of access tokens is Microsoft Graph's own. Every application of a tenant gets tokens for Graph
 * and hands them around: accepted here, each would let its bearer in under that application's name.
 *
 * @param graphBaseUrl - whatever else is asked as Graph
 * @see https://learn.microsoft.com/graph/deployments
 */
export function isGraphAudience(audience: string, graphBaseUrl: string): boolean {
  const name = nameOf(audience);
  return GRAPH.has(name) || name === nameOf(graphBaseUrl);
}

/** The host, port included, of an address; the first part of anything else, such as of `{client id}/{host}`. */
function nameOf(audience: string): string {
  const lowerCase = audience.toLowerCase();
  return URL.parse(lowerCase)?.host || (lowerCase.split("/", 1)[0] as string);
}
