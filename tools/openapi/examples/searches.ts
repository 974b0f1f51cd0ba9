import { NOT_YOUR_DECISION } from "../../../src/functions/access-evaluation.ts";
import { EXAMPLE } from "../example-ids.ts";
import { type OperationExamples, ok } from "../operation-examples.ts";
import { ASKS_NOTHING, action, resource, subject } from "./evaluations.ts";

const lastPage = { next_token: "" };
const none = { page: lastPage, results: [] };
const agentSearch = { subject: subject(EXAMPLE.client), action, resource: { type: "agent" } };
const nextToken = "QW4gZXhhbXBsZS4gTEtQUyBzZWFscyB3aGVyZSB0aGUgbmV4dCBwYWdlIHN0YXJ0cywgZm9yIGl0c2VsZi4uLg";

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
    responses: ok("A page of clients, in the order of their ids.", {
      clients: {
        summary: "One client",
        value: { page: lastPage, results: [subject(EXAMPLE.client)] },
      },
      any: {
        summary: "The agent has opted out: any client may",
        value: { ...none, context: { enforce_client_authz: false } },
      },
      none: { summary: "None, or LKPS does not decide about the type or action", value: none },
    }),
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
          value: agentSearch,
        },
        page: {
          summary: "The first one",
          value: { ...agentSearch, page: { limit: 1 } },
        },
      },
    },
    responses: ok("A page of agents, in the order of their ids.", {
      agents: {
        summary: "All of them",
        value: {
          page: lastPage,
          results: [resource(EXAMPLE.agent), resource(EXAMPLE.agentThatOptedOut)],
        },
      },
      page: {
        summary: "A page, with more to follow",
        value: { page: { next_token: nextToken }, results: [resource(EXAMPLE.agent)] },
      },
    }),
  },
  {
    operationId: "searchAction",
    details: { invalid_request: ASKS_NOTHING, not_your_decision: NOT_YOUR_DECISION },
    body: {
      examples: {
        actions: {
          summary: "What this client may do with this agent",
          value: { subject: subject(EXAMPLE.client), resource: resource(EXAMPLE.agent) },
        },
      },
    },
    responses: ok("The only action, if the client may start sessions with the agent.", {
      actions: { summary: "Start sessions", value: { page: lastPage, results: [action] } },
      none: { summary: "Nothing, or LKPS does not decide about the types", value: none },
    }),
  },
];
