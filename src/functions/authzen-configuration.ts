import { endpoint } from "../http/endpoint.ts";
import { Problem } from "../http/problem.ts";
import type { Ports } from "./ports.ts";

/** The detail of the problem if LKPS does not know its address. */
export const UNKNOWN_ADDRESS =
  "LKPS does not know the address that callers use. An operator can set it with PUBLIC_BASE_URL.";

/**
 * `GET /.well-known/authzen-configuration`: the URLs of the AuthZEN endpoints.
 *
 * @see https://openid.net/specs/authorization-api-1_0.html#name-policy-decision-point-metada
 */
export const authzenConfiguration = endpoint(
  {
    name: "authzenConfiguration",
    method: "GET",
    route: ".well-known/authzen-configuration",
    caller: "none",
    documentation: {
      tag: "Service",
      summary: "Find the AuthZEN endpoints",
      description: "The AuthZEN metadata. Returns 404 if LKPS does not know its public URL.",
    },
    responses: { 200: "AuthzenConfiguration" },
    problems: ["not_found"],
  },
  /**
   * `baseUrl` is the URL that callers use. The request's URL can't be used: it contains the `Host` header, so
   * a caller could send others elsewhere.
   */
  ({ baseUrl }: Pick<Ports, "baseUrl">) => {
    if (baseUrl === undefined) return async () => new Problem("not_found", { detail: UNKNOWN_ADDRESS });
    const access = `${baseUrl}/api/access/v1`;
    const jsonBody = {
      policy_decision_point: baseUrl,
      access_evaluation_endpoint: `${access}/evaluation`,
      access_evaluations_endpoint: `${access}/evaluations`,
      search_subject_endpoint: `${access}/search/subject`,
      search_resource_endpoint: `${access}/search/resource`,
      search_action_endpoint: `${access}/search/action`,
    };
    return async () => ({ jsonBody });
  },
);
