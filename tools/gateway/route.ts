/** What the gateway does with a request before it looks at the token. */
export type GatewayRoute = "authenticated" | "anonymous" | "none";

const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);
const ANONYMOUS = /^\/(api\/(health|health\/ready|docs(\/[^/]+)?|openapi\.json)\/?|\.well-known\/.+)$/i;

/** By the path as it was sent: one with dot segments matches no anonymous route, and needs a token. */
export function routeOf(method: string, path: string): GatewayRoute {
  if (!METHODS.has(method)) return "none";
  if (ANONYMOUS.test(path) && !/\.\.|%2e/i.test(path)) return "anonymous";
  return /^\/api\//i.test(path) ? "authenticated" : "none";
}
