import type { App } from "./core-module.ts";
import type { BindingInfo, RegisteredFunction } from "./core-types.ts";

/** An HTTP function and its route. */
export interface HttpRoute {
  function: RegisteredFunction;
  bindingName: string;
  /** With the prefix of host.json, without leading or trailing slashes. */
  route: string;
  methods: string[];
  authLevel: string;
}

/** A function's trigger: the binding whose type ends in "trigger". */
export function triggerOf({ metadata }: RegisteredFunction): [name: string, binding: BindingInfo] {
  const trigger = Object.entries(metadata.bindings).find(([, { type }]) => /trigger$/i.test(type ?? ""));
  if (trigger === undefined) throw new Error(`The function ${metadata.name} has no trigger.`);
  return trigger;
}

/** The app's HTTP functions. Route templates support literal segments and `{parameter}`. */
export function httpRoutes(app: App, routePrefix: string): HttpRoute[] {
  return [...app.functions.values()].flatMap((registered) => {
    const [bindingName, { type, route, methods, authLevel }] = triggerOf(registered);
    if (type?.toLowerCase() !== "httptrigger") return [];
    return {
      function: registered,
      bindingName,
      route: [routePrefix, route ?? registered.metadata.name].join("/").replace(/^\/+|\/+$/g, ""),
      methods: (methods ?? []).map((method) => method.toUpperCase()),
      authLevel: (authLevel ?? "function").toLowerCase(),
    };
  });
}

/**
 * Finds a request's route and parameters. Returns null for the host's 404, which is also its response to a
 * wrong method.
 */
export function findRoute(
  routes: readonly HttpRoute[],
  method: string,
  path: string,
): { route: HttpRoute; params: Record<string, string> } | null {
  // Trailing slash and letter case are ignored.
  const segments = path.replace(/^\//, "").replace(/\/$/, "").split("/").map(decodeSegment);
  for (const route of routes) {
    if (!route.methods.includes(method)) continue;
    const params = matchTemplate(route.route.split("/"), segments);
    if (params !== null) return { route, params };
  }
  return null;
}

function matchTemplate(
  template: readonly string[],
  segments: readonly string[],
): Record<string, string> | null {
  if (template.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    const segment = segments[index] ?? "";
    const parameter = /^\{(\w+)\}$/.exec(part)?.[1];
    if (parameter === undefined) {
      if (part.toLowerCase() !== segment.toLowerCase()) return null;
    } else {
      if (segment === "") return null;
      params[parameter] = segment;
    }
  }
  return params;
}

function decodeSegment(segment: string): string {
  try {
    // Kestrel does not decode an encoded slash, so it never separates segments.
    return segment
      .split(/(%2f)/i)
      .map((part) => (/^%2f$/i.test(part) ? part : decodeURIComponent(part)))
      .join("");
  } catch {
    return segment;
  }
}
