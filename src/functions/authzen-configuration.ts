import type { HttpTrigger } from "../http/endpoint.ts";

/**
 * `GET /.well-known/authzen-configuration`: where the AuthZEN endpoints are.
 *
 * @param baseUrl - the address that callers use. Never the request's: the host lets a caller's `Host` header through, and
 *   whoever asks next could be sent elsewhere
 * @see https://openid.net/specs/authorization-api-1_0.html#name-policy-decision-point-metada
 */
export function authzenConfiguration(baseUrl: string): HttpTrigger {
  const access = `${baseUrl}/api/access/v1`;
  const jsonBody = {
    policy_decision_point: baseUrl,
    access_evaluation_endpoint: `${access}/evaluation`,
    access_evaluations_endpoint: `${access}/evaluations`,
    search_subject_endpoint: `${access}/search/subject`,
    search_resource_endpoint: `${access}/search/resource`,
  };
  return {
    name: "authzenConfiguration",
    methods: ["GET"],
    route: ".well-known/authzen-configuration",
    caller: "none",
    handle: async () => ({ jsonBody }),
  };
}
