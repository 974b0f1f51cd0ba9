import { type ApiApplication, isObject } from "./application.ts";

/**
 * Returns the `api` part of Graph's response after checking its shape: an object whose `api` is an object or
 * null, with lists that are arrays, null or missing.
 *
 * @throws Error that describes what is wrong with the shape
 */
export function apiOf(response: unknown): ApiApplication | null {
  if (!isObject(response) || !("api" in response)) throw new Error("Graph's answer is not an application");
  const { api } = response;
  if (api === null) return null;
  if (!isObject(api)) throw new Error("Graph's answer is not an application: api is not an object");
  for (const list of ["oauth2PermissionScopes", "preAuthorizedApplications"]) listIn(api, list);
  return api as ApiApplication;
}

/** Returns the list `owner[name]`, which may be null or missing. Throws if it is anything else. */
export function listIn(owner: unknown, name: string): readonly unknown[] | null | undefined {
  const list = isObject(owner) ? owner[name] : undefined;
  if (list != null && !Array.isArray(list))
    throw new Error(`Graph's answer is not an application: ${name} is not a list`);
  return list as readonly unknown[] | null | undefined;
}
