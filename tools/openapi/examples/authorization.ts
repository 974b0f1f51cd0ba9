import { EXAMPLE } from "../example-ids.ts";
import { type OperationExamples, ok } from "../operation-examples.ts";

const mayStart = (client: string) => ({
  client_app_id: client,
  may_start_sessions: true,
  code: "pre_authorized",
  repair: null,
});
const select = `Select access_as_client in the entry of ${EXAMPLE.clientWithoutScope} under Expose an API, Authorized client applications.`;
/** Examples of the owner's view of an agent. */
export const authorizationOperations: readonly OperationExamples[] = [
  {
    operationId: "readAuthorization",
    responses: ok("What the agent's app registration allows, and what to fix.", {
      enabled: {
        summary: "One client is allowed, one lacks the scope",
        value: {
          agent_entra_app_id: EXAMPLE.agent,
          registered: true,
          enforce_client_authz: true,
          application_found: true,
          application_read_at: EXAMPLE.startedAt,
          identity: { kind: "application", blueprint_app_id: null },
          scope: { state: "enabled", delegated_permission_id: EXAMPLE.scope, near_misses: [] },
          clients: [
            mayStart(EXAMPLE.client),
            {
              client_app_id: EXAMPLE.clientWithoutScope,
              may_start_sessions: false,
              code: "scope_not_granted",
              repair: select,
            },
          ],
          complete: true,
          repairs: [select],
        },
      },
      agent_identity: {
        summary: "An agent identity that has not registered, with its blueprint's list",
        value: {
          agent_entra_app_id: EXAMPLE.agentIdentity,
          registered: false,
          enforce_client_authz: null,
          application_found: true,
          application_read_at: EXAMPLE.startedAt,
          identity: { kind: "agent_identity", blueprint_app_id: EXAMPLE.blueprint },
          scope: { state: "enabled", delegated_permission_id: EXAMPLE.blueprintScope, near_misses: [] },
          clients: [mayStart(EXAMPLE.client)],
          complete: true,
          repairs: [
            "Start the agent, so that it registers with POST /api/agent/register and its own access token.",
            `To change who may connect, edit the clients in the manifest of the blueprint ${EXAMPLE.blueprint}, in preAuthorizedApplications. The list counts for all agents of that blueprint.`,
          ],
        },
      },
      misnamed: {
        summary: "The scope is misnamed",
        value: {
          agent_entra_app_id: EXAMPLE.agentWithMisnamedScope,
          registered: true,
          enforce_client_authz: true,
          application_found: true,
          application_read_at: EXAMPLE.startedAt,
          identity: { kind: "application", blueprint_app_id: null },
          scope: {
            state: "missing",
            delegated_permission_id: null,
            near_misses: [
              { value: "Access_As_Client", reason: "letter_case" },
              { value: "access_as_client", reason: "app_role" },
            ],
          },
          clients: [
            {
              client_app_id: EXAMPLE.client,
              may_start_sessions: false,
              code: "scope_not_exposed",
              repair: "Fix the scope first: see repairs.",
            },
          ],
          complete: true,
          repairs: [
            'Add a scope named exactly access_as_client under Expose an API: "Access_As_Client" has a different letter case.',
          ],
        },
      },
    }),
  },
  {
    operationId: "rehearseAuthorization",
    details: { invalid_request: "days must be a whole number from 1 to 30." },
    responses: ok(
      "Each client once. Clients that would be denied come first; within each group, the busiest come first.",
      {
        rehearsal: {
          summary: "One client would be denied",
          value: {
            days: 7,
            complete: true,
            clients: [
              {
                client_app_id: EXAMPLE.client,
                sessions: 1,
                last_started_at: EXAMPLE.startedAt,
                may_start_sessions: false,
                code: "scope_not_exposed",
              },
            ],
          },
        },
      },
    ),
  },
];
