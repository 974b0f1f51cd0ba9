import type { Registration } from "../domain/registration.ts";

/** The JSON of a registration. */
export function registrationResponse(registration: Registration, serverUrl: string) {
  return {
    agent_entra_app_id: registration.agent,
    agent_name: registration.agent,
    server_url: serverUrl,
    service_config: {
      enforce_client_authz: registration.enforceClientAuthz,
      deployments: registration.deployments,
    },
    registered_at: registration.registeredAt.toISOString(),
    updated_at: registration.updatedAt.toISOString(),
  };
}
