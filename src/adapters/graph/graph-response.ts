import { type AgentIdentity, type ApiApplication, isObject } from "../../domain/application.ts";
import { parseClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import { RateLimitError } from "../../domain/graph-reading.ts";
import { retryAfterMs } from "../lib/http-response.ts";
import type { GraphResponse, ReadProgress } from "./graph-client.ts";

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

/** What an operator must do if Graph, or the platform, rejects the app's identity. */
export const PERMISSION_HELP =
  "the app's managed identity needs the application permission Application.Read.All of Microsoft Graph, granted by an admin";

/**
 * Returns the resource in Graph's response, or `null` if Graph says that it does not exist.
 *
 * @throws DependencyError for every other response
 */
export function resourceIn(response: GraphResponse): unknown {
  const { status, retryAfter, json, readAt } = response;
  if (status === 200) {
    if (json == null) throw new Error("Graph's answer is not JSON");
    return json;
  }
  if (isNotFound(response)) return null;

  const message = ["Graph returned", status, errorCodeOf(json)].join(" ").trimEnd();
  if (status === 401 || status === 403) {
    throw new DependencyError("directory_access_denied", `${message}: ${PERMISSION_HELP}`);
  }
  const waitMs = retryAfterMs(retryAfter, readAt);
  const retryAfterSeconds = waitMs === undefined ? undefined : waitMs / 1_000;
  throw new DependencyError("directory_unavailable", message, { retryAfterSeconds });
}

/** The failure of a read that got no usable response from Graph. */
export function graphUnavailable(error: unknown, { attempts, lastFailure }: ReadProgress): DependencyError {
  // If the time ran out, the failure of the previous attempt explains more than the timeout.
  const isLast = lastFailure === undefined || !(error instanceof Error) || error.cause !== undefined;
  const cause = isLast ? error : new Error(error.message, { cause: lastFailure });
  const message =
    attempts === 0
      ? "Microsoft Graph was not called: no access token was available in time"
      : "Microsoft Graph returned no usable response";
  return new DependencyError("directory_unavailable", message, { cause, attempts });
}

/** The failure of a read that has no time left. */
export function timeIsOver(progress: ReadProgress): DependencyError {
  return graphUnavailable(new Error("The time for all reads of the request is over"), progress);
}

/** Converts an error to the failure of a read, with the number of requests made. */
export function toReadFailure(error: unknown, progress: ReadProgress): DependencyError | RateLimitError {
  const { attempts, lastFailure } = progress;
  if (error instanceof RateLimitError) {
    const failure = lastFailure === undefined ? undefined : graphUnavailable(lastFailure, progress);
    return new RateLimitError(error.retryAfterSeconds * 1_000, attempts, failure);
  }
  if (!(error instanceof DependencyError)) return graphUnavailable(error, progress);
  const { code, message, cause, retryAfterSeconds } = error;
  return new DependencyError(code, message, { cause, retryAfterSeconds, attempts });
}
