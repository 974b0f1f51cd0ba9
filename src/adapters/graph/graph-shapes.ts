import type { AgentIdentity } from "../../domain/application.ts";
import { type ApiApplication, isObject } from "../../domain/application.ts";
import { parseClientId } from "../../domain/client-id.ts";

/**
 * Returns the `api` part of an application in Graph's response, after checking its shape: an object whose `api` is an
 * object or null, with lists that are arrays, null or missing.
 *
 * @throws Error that describes what is wrong with the shape
 * @see https://learn.microsoft.com/graph/api/resources/application
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

const AGENT_IDENTITY_TYPE = "#microsoft.graph.agentIdentity";

/**
 * Returns the agent identity in Graph's response to a request for a service principal; `null` if it is a service
 * principal of another type.
 *
 * @throws Error that describes what is wrong with the shape
 * @see https://learn.microsoft.com/graph/api/resources/agentidentity
 */
export function agentIdentityOf(response: unknown): AgentIdentity | null {
  if (!isObject(response)) throw new Error("Graph's answer is not a service principal");
  const {
    "@odata.type": type,
    accountEnabled,
    disabledByMicrosoftStatus: status,
    agentIdentityBlueprintId: blueprintId,
  } = response;
  if (type !== AGENT_IDENTITY_TYPE) return null;
  if (typeof accountEnabled !== "boolean") {
    throw new Error("Graph's answer is not an agent identity: accountEnabled is not a boolean");
  }
  const blueprint = blueprintId == null ? null : parseClientId(blueprintId);
  if (blueprint === undefined) {
    throw new Error("Graph's answer is not an agent identity: agentIdentityBlueprintId is not an id");
  }
  const isDisabledByMicrosoft = !(status == null || status === "" || status === "NotDisabled");
  const disabledBy = [
    ...(accountEnabled ? [] : (["tenant"] as const)),
    ...(isDisabledByMicrosoft ? (["microsoft"] as const) : []),
  ];
  return { kind: "agent_identity", disabledBy, blueprint };
}

/**
 * Returns the items of a page of a list in Graph's response.
 *
 * @throws Error that describes what is wrong with the shape
 */
export function valuesIn(page: unknown): readonly Readonly<Record<string, unknown>>[] {
  const values = isObject(page) ? page["value"] : undefined;
  if (!Array.isArray(values) || !values.every(isObject)) throw new Error("Graph's answer is not a list");
  return values;
}

/**
 * Returns the path of the next page of a list; `undefined` if this is the last one.
 *
 * @throws Error if the next page is not at `baseUrl`: the token goes nowhere else
 */
export function nextPathIn(page: unknown, baseUrl: string): string | undefined {
  const link = isObject(page) ? page["@odata.nextLink"] : undefined;
  if (link == null) return undefined;
  const prefix = `${baseUrl}/v1.0/`;
  if (typeof link === "string" && link.startsWith(prefix)) return link.slice(prefix.length - 1);
  throw new Error("Graph's answer names a next page that is not Graph's");
}

/** Returns the `error.code` of Graph's error body, if there is one. Letters only, because it is logged. */
export function errorCodeOf(response: unknown): string | undefined {
  const error = isObject(response) ? response["error"] : undefined;
  const code = isObject(error) ? error["code"] : undefined;
  return typeof code === "string" && /^[A-Za-z_.]{1,100}$/.test(code) ? code : undefined;
}

/** Whether Graph says that there is no such resource. Nothing else may look as if an agent were gone. */
export function isNotFound({ status, json }: { readonly status: number; readonly json: unknown }): boolean {
  return status === 404 && errorCodeOf(json) === "Request_ResourceNotFound";
}
