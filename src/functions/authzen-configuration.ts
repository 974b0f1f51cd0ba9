import { endpoint } from "../http/endpoint.ts";

/**
 * `GET /.well-known/authzen-configuration`: where the AuthZEN endpoints are.
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
      description: "AuthZEN's metadata. Not served (404) where LKPS does not know its public address.",
    },
    answers: { 200: "AuthzenConfiguration" },
  },
  /**
   * `baseUrl`: the address that callers use. Never the request's: the host lets a caller's `Host` header through, and
   * whoever asks next could be sent elsewhere.
   */
  ({ baseUrl }: { readonly baseUrl: string }) => {
    const access = `${baseUrl}/api/access/v1`;
    const jsonBody = {
      policy_decision_point: baseUrl,
      access_evaluation_endpoint: `${access}/evaluation`,
      access_evaluations_endpoint: `${access}/evaluations`,
      search_subject_endpoint: `${access}/search/subject`,
      search_resource_endpoint: `${access}/search/resource`,
    };
    return async () => ({ jsonBody });
  },
);
