import { EXAMPLE } from "../example-ids.ts";
import { type OperationExamples, ok } from "../operation-examples.ts";

const registration = (agent: string, enforced: boolean, updatedAt: string, deployments: string[] = []) => ({
  agent_entra_app_id: agent,
  agent_name: agent,
  server_url: EXAMPLE.serverUrl,
  service_config: { enforce_client_authz: enforced, limits: {}, deployments },
  registered_at: EXAMPLE.startedAt,
  updated_at: updatedAt,
});
const enforced = registration(EXAMPLE.agent, true, EXAMPLE.startedAt);
const optedOut = registration(EXAMPLE.agentThatOptedOut, false, EXAMPLE.expiresAt);

/** Examples of registration. */
export const registrationOperations: readonly OperationExamples[] = [
  {
    operationId: "registerAgent",
    details: {
      invalid_request:
        "service_config has an unknown member. Its members are enforce_client_authz, limits and deployments.",
    },
    body: {
      examples: {
        enforced: { summary: "Allow only pre-authorized clients", value: {} },
        opted_out: {
          summary: "Allow any client application",
          value: { service_config: { enforce_client_authz: false } },
        },
        limited: {
          summary: "Limit sessions to an hour, and to 100 at a time",
          value: { service_config: { limits: { max_session_minutes: 60, max_live_sessions: 100 } } },
        },
      },
    },
    responses: [
      {
        status: 201,
        description: "Registered for the first time.",
        examples: { first_time: { summary: "The first time", value: enforced } },
      },
      {
        status: 200,
        description: "Registered again: `registered_at` is unchanged, `updated_at` is new.",
        examples: { again: { summary: "Again, opting out", value: optedOut } },
      },
    ],
  },
  {
    operationId: "readRegistration",
    details: {
      agent_not_registered: "The agent is not registered. It registers itself with POST /api/agent/register.",
    },
    responses: ok("The registration.", { registered: { summary: "Registered", value: enforced } }),
  },
  {
    operationId: "removeRegistration",
    responses: [{ status: 204, description: "Removed, or there was none.", examples: {} }],
  },
];
