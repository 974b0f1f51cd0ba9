import { EXAMPLE } from "../../../src/contract/example-ids.ts";
import type { Operation } from "../operation.ts";
import { bodyProblems, callerProblems, problem, problemAnswers } from "../problems.ts";

const tag = "Registration";
const path = "/api/agent/registration";

const registration = (agent: string, enforced: boolean, updatedAt: string) => ({
  agent_entra_app_id: agent,
  agent_name: agent,
  server_url: EXAMPLE.serverUrl,
  service_config: { enforce_client_authz: enforced },
  registered_at: EXAMPLE.startedAt,
  updated_at: updatedAt,
});
const enforced = registration(EXAMPLE.agent, true, EXAMPLE.startedAt);
const optedOut = registration(EXAMPLE.agentThatOptedOut, false, EXAMPLE.expiresAt);

/** What an agent does about itself. */
export const registrationOperations: readonly Operation[] = [
  {
    operationId: "registerAgent",
    method: "post",
    path: "/api/agent/register",
    tag,
    summary: "Register the calling agent",
    description:
      "The caller is the agent. Registering again replaces what was registered: without a body, or with an empty one, the three checks are enforced, also when an earlier registration had opted out.",
    callers: true,
    body: {
      schema: "RegistrationRequest",
      required: false,
      examples: {
        enforced: { summary: "Let in only clients that are pre-authorized", value: {} },
        opted_out: {
          summary: "Let in any client application",
          value: { service_config: { enforce_client_authz: false } },
        },
      },
    },
    answers: [
      {
        status: 201,
        description: "Registered for the first time.",
        schema: "Registration",
        examples: { first_time: { summary: "The first time", value: enforced } },
      },
      {
        status: 200,
        description: "Registered again: `registered_at` stays, `updated_at` moves.",
        schema: "Registration",
        examples: { again: { summary: "Again, opting out", value: optedOut } },
      },
      ...problemAnswers([
        ...bodyProblems("service_config has an unknown member; it knows enforce_client_authz."),
        ...callerProblems({ withGraph: false, ofAgent: true }),
      ]),
    ],
  },
  {
    operationId: "readRegistration",
    method: "get",
    path,
    tag,
    summary: "Read the calling agent's registration",
    description: "The caller is the agent.",
    callers: true,
    answers: [
      {
        status: 200,
        description: "The registration.",
        schema: "Registration",
        examples: { registered: { summary: "Registered", value: enforced } },
      },
      ...problemAnswers([
        problem("agent_not_registered", "You are not registered. Register with POST /api/agent/register."),
        ...callerProblems({ withGraph: false, ofAgent: true }),
      ]),
    ],
  },
  {
    operationId: "removeRegistration",
    method: "delete",
    path,
    tag,
    summary: "Remove the calling agent's registration",
    description: "The caller is the agent. From then on no client can start sessions with it.",
    callers: true,
    answers: [
      { status: 204, description: "Removed, or there was none.", examples: {} },
      ...problemAnswers(callerProblems({ withGraph: false, ofAgent: true })),
    ],
  },
];
