import table from "../../infra/gateway/routes.json" with { type: "json" };

/** Who may call a route: anyone, any application by its token, or the agent by its own. */
export type RouteCaller = "none" | "required" | "agent";

const routes = table.map(({ method, path, caller }) => ({
  // HTTP answers HEAD wherever it answers GET.
  methods: method === "GET" ? ["GET", "HEAD"] : [method],
  // The Functions host minds neither letter case nor one slash at the end.
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}/?$`, "i"),
  caller: caller as RouteCaller,
}));

/** Who may call there; `null` where the contract has no such route, or not by that method. */
export function callerOfRoute(method: string, path: string): RouteCaller | null {
  const decoded = decodeOnce(path);
  return (
    routes.find(({ methods, pattern }) => methods.includes(method) && pattern.test(decoded))?.caller ?? null
  );
}

/**
 * Whether a path may mean another one further on: with a dot segment, or with `%2e` left once it has been decoded as
 * a web server does. .NET's `Uri`, which Ocelot sends on with, decodes it once more, and resolves the dot segments.
 */
export function isAmbiguous(path: string): boolean {
  const decoded = decodeOnce(path);
  return /%2e/i.test(decoded) || decoded.split(/[/\\]/).some((segment) => /^\.\.?$/.test(segment));
}

/** Decodes a path as Kestrel does: once, what is no escape left alone, and an encoded slash as well. */
function decodeOnce(path: string): string {
  return path.replaceAll(/%(?!2f)([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}
