import { ASKS_NOTHING, action, resource, subject } from "../../../src/contract/authzen-examples.ts";
import { EXAMPLE } from "../../../src/contract/example-ids.ts";
import type { Operation } from "../operation.ts";
import { bodyProblems, callerProblems, problem, problemAnswers } from "../problems.ts";

const tag = "Access";
const none = { results: [], page: { next_token: "" } };
const nextToken = (id: string) => Buffer.from(id).toString("base64url");
const aboutOthers = (detail: string) => problem("not_your_decision", detail);

/** Who may with whom, by the OpenID AuthZEN Authorization API 1.0. */
export const searchOperations: readonly Operation[] = [
  {
    operationId: "searchSubject",
    method: "post",
    path: "/api/access/v1/search/subject",
    tag,
    summary: "Find the clients that may start sessions with the calling agent",
    description: "The caller is the agent, and the resource.",
    callers: true,
    body: {
      schema: "SubjectSearchRequest",
      required: true,
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
        schema: "FoundSubjects",
        examples: {
          clients: {
            summary: "The only one",
            value: { results: [subject(EXAMPLE.client)], page: { next_token: "" } },
          },
          any: {
            summary: "The agent has opted out: any client may",
            value: { ...none, context: { enforce_client_authz: false } },
          },
          none: { summary: "None, or nothing that LKPS decides about", value: none },
        },
      },
      ...problemAnswers([
        ...bodyProblems("subject must be an object with a type."),
        aboutOthers("You may search the clients of yourself only: resource.id must be your client id."),
        ...callerProblems({ withGraph: true, ofAgent: false }),
      ]),
    ],
  },
  {
    operationId: "searchResource",
    method: "post",
    path: "/api/access/v1/search/resource",
    tag,
    summary: "Find the agents with which the calling client may start sessions",
    description:
      "The caller is the client application, and the subject. Agents that have opted out are among them.",
    callers: true,
    body: {
      schema: "ResourceSearchRequest",
      required: true,
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
        schema: "FoundResources",
        examples: {
          agents: {
            summary: "All of them",
            value: {
              results: [resource(EXAMPLE.agent), resource(EXAMPLE.agentThatOptedOut)],
              page: { next_token: "" },
            },
          },
          page: {
            summary: "A page that others follow",
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
      ...problemAnswers([
        ...bodyProblems(ASKS_NOTHING),
        aboutOthers("You may search the agents for yourself only: subject.id must be your client id."),
        ...callerProblems({ withGraph: true, ofAgent: false }),
      ]),
    ],
  },
];
