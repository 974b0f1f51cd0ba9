import { ASKS_NOTHING, action, resource, subject } from "../../../src/contract/authzen-examples.ts";
import { EXAMPLE } from "../../../src/contract/example-ids.ts";
import type { OperationExamples } from "../operation-examples.ts";

const none = { results: [], page: { next_token: "" } };
const nextToken = (id: string) => Buffer.from(id).toString("base64url");

/** Examples of AuthZEN searches. */
export const searchOperations: readonly OperationExamples[] = [
  {
    operationId: "searchSubject",
    details: {
      invalid_request: "subject must be an object with a type.",
      not_your_decision: "You can search only your own clients: resource.id must be your client id.",
    },
    body: {
      examples: {
        clients: {
          summary: "All of them",
          value: { subject: { type: "client_application" }, action, resource: resource(EXAMPLE.agent) },
        },
      },
    },
    answers: [
      {
        status: 200,
        description: "A page of clients, in the order of their ids.",
        examples: {
          clients: {
            summary: "One client",
            value: { results: [subject(EXAMPLE.client)], page: { next_token: "" } },
          },
          any: {
            summary: "The agent has opted out: any client may",
            value: { ...none, context: { enforce_client_authz: false } },
          },
          none: { summary: "None, or LKPS does not decide about the type or action", value: none },
        },
      },
    ],
  },
  {
    operationId: "searchResource",
    details: {
      invalid_request: ASKS_NOTHING,
      not_your_decision: "You can search only for yourself: subject.id must be your client id.",
    },
    body: {
      examples: {
        agents: {
          summary: "All of them",
          value: { subject: subject(EXAMPLE.client), action, resource: { type: "agent" } },
        },
        page: {
          summary: "The first one",
          value: {
            subject: subject(EXAMPLE.client),
            action,
            resource: { type: "agent" },
            page: { limit: 1 },
          },
        },
        next_page: {
          summary: "The one after it",
          value: {
            subject: subject(EXAMPLE.client),
            action,
            resource: { type: "agent" },
            page: { limit: 1, token: nextToken(EXAMPLE.agent) },
          },
        },
      },
    },
    answers: [
      {
        status: 200,
        description: "A page of agents, in the order of their ids.",
        examples: {
          agents: {
            summary: "All of them",
            value: {
              results: [resource(EXAMPLE.agent), resource(EXAMPLE.agentThatOptedOut)],
              page: { next_token: "" },
            },
          },
          page: {
            summary: "A page, with more to follow",
            value: {
              results: [resource(EXAMPLE.agent)],
              page: { next_token: nextToken(EXAMPLE.agent) },
            },
          },
          next_page: {
            summary: "The last page",
            value: { results: [resource(EXAMPLE.agentThatOptedOut)], page: { next_token: "" } },
          },
        },
      },
    ],
  },
];
