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
  for (const list of ["oauth2PermissionScopes", "preAuthorizedApplications"]) listIn(api, list);
  return api as ApiApplication;
}

/** The list that `owner` has under `name`, null or missing included. Throws if it is anything else. */
export function listIn(owner: unknown, name: string): readonly unknown[] | null | undefined {
  const list = isObject(owner) ? owner[name] : undefined;
  if (list != null && !Array.isArray(list))
    throw new Error(`Graph answered an application whose ${name} is no list`);
  return list as readonly unknown[] | null | undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
