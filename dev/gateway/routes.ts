import table from "../../infra/gateway/routes.json" with { type: "json" };

/** Who may call a route: anyone, any application, or only the agent itself. */
type RouteCaller = "none" | "required" | "agent";

const routes = table.map(({ method, path, caller }) => ({
  // GET routes also serve HEAD.
  methods: method === "GET" ? ["GET", "HEAD"] : [method],
  // The Functions host ignores letter case and a trailing slash.
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}/?$`, "i"),
  caller: caller as RouteCaller,
}));

/** Returns who may call a route; `undefined` if there is no such path or method. */
export function callerOfRoute(method: string, path: string): RouteCaller | undefined {
  return routes.find(({ methods, pattern }) => methods.includes(method) && pattern.test(path))?.caller;
}

/**
 * Decodes a path once, leaving encoded slashes alone, as Kestrel does. Returns `undefined` if it could be interpreted
 * as another path: it has a dot segment, an invalid escape, or still `%2e`, which Ocelot's `Uri` would decode again.
 */
export function decodePath(path: string): string | undefined {
  try {
    const decoded = path.split(/(%2f)/i).map((part, at) => (at % 2 === 1 ? part : decodeURIComponent(part)));
    const result = decoded.join("");
    const isAmbiguous =
      /%2e/i.test(result) || result.split(/[/\\]|%2f/i).some((part) => /^\.\.?$/.test(part));
    return isAmbiguous ? undefined : result;
  } catch {
    return undefined;
  }
}
