import type { ApiApplication } from "../../domain/application.ts";

/**
 * The `api` part of Graph's answer, if the answer is an application at all: an object whose `api` is an object or
 * null, its two lists lists, null or missing. Anything else is no answer to decide on.
 *
 * @throws Error that says what is wrong with the shape
 */
export function apiOf(answer: unknown): ApiApplication | null {
  if (!isObject(answer) || !("api" in answer)) throw new Error("Graph answered no application");
  const { api } = answer;
  if (api === null) return null;
  if (!isObject(api)) throw new Error("Graph answered an application whose api is no object");
  for (const list of ["oauth2PermissionScopes", "preAuthorizedApplications"]) {
    if (api[list] != null && !Array.isArray(api[list]))
      throw new Error(`Graph answered an api whose ${list} is no list`);
  }
  return api as ApiApplication;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
