import table from "../../infra/gateway/routes.json" with { type: "json" };

/** Who may call a route: anyone, any application, or only the agent itself. */
export type RouteCaller = "none" | "required" | "agent";

const routes = table.map(({ method, path, caller }) => ({
  // GET routes also serve HEAD.
  methods: method === "GET" ? ["GET", "HEAD"] : [method],
  // The Functions host ignores letter case and a trailing slash.
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}/?$`, "i"),
  caller: caller as RouteCaller,
}));

/** Returns who may call a route; `null` if there is no such path or method. */
export function callerOfRoute(method: string, path: string): RouteCaller | null {
  const decoded = decodeOnce(path);
  return (
    routes.find(({ methods, pattern }) => methods.includes(method) && pattern.test(decoded))?.caller ?? null
  );
}

/**
 * Whether a path could be interpreted as another one: it has a dot segment, or still has `%2e` after it was
 * decoded once. Ocelot forwards with .NET's `Uri`, which decodes again and resolves dot segments.
 */
export function isAmbiguous(path: string): boolean {
  const decoded = decodeOnce(path);
  return /%2e/i.test(decoded) || decoded.split(/[/\\]/).some((segment) => /^\.\.?$/.test(segment));
}

/** Decodes a path like Kestrel: once, leaving invalid escapes and encoded slashes alone. */
function decodeOnce(path: string): string {
  return path.replaceAll(/%(?!2f)([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}
