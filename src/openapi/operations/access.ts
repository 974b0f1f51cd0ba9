import { checkOf, denialCodes } from "../codes.ts";
import { EXAMPLE } from "../example-ids.ts";
import type { Example, Operation } from "../operation.ts";
import { bodyProblems, callerProblems, problem, problemAnswers } from "../problems.ts";

const tag = "Access";
const subject = (id: string) => ({ type: "client_application", id });
const resource = (id: string) => ({ type: "agent", id });
const action = { name: "access_as_client" };
const question = { subject: subject(EXAMPLE.client), action, resource: resource(EXAMPLE.agent) };

const decision = (code: string, check: number | null = null) => ({
  decision: code === "pre_authorized" || code === "enforcement_disabled",
  context: { code, ...(check !== null && { check }), decision_id: EXAMPLE.decision },
});
const decided = (summary: string, code: string, check: number | null = null): [string, Example] => [
  code,
  { summary, value: decision(code, check) },
];
const decisions = Object.fromEntries([
  decided("The client is pre-authorized", "pre_authorized"),
  decided("The agent has opted out of enforcement", "enforcement_disabled"),
  ...denialCodes.map((code) => decided(`Denied: ${code}`, code, checkOf[code])),
  decided("LKPS decides about no such type or action", "not_applicable"),
]);
const none = { results: [], page: { next_token: "" } };
const nextToken = (id: string) => Buffer.from(id).toString("base64url");

const aboutOthers = (detail: string) => problem("not_your_decision", detail);
const asked = "subject must be an object with type and id.";

/** The decision without a session, by the OpenID AuthZEN Authorization API 1.0. */
export const accessOperations: readonly Operation[] = [
  {
    operationId: "accessEvaluation",
    method: "post",
    path: "/api/access/v1/evaluation",
    tag,
    summary: "Ask whether a session would start",
    description:
      "The same decision as a start, without a session. The caller is the client application (the subject) or the agent (the resource). A denial is a 200 with `decision` false; `context.code` says why.",
    callers: true,
    body: {
      schema: "EvaluationRequest",
      required: true,
      examples: { question: { summary: "May this client start sessions with this agent?", value: question } },
    },
    answers: [
      { status: 200, description: "The decision.", schema: "Evaluation", examples: decisions },
      ...problemAnswers([
        ...bodyProblems(asked),
        aboutOthers("You may ask about yourself only: as the subject, or as the resource."),
        ...callerProblems({ withGraph: true }),
      ]),
    ],
  },
  {
    operationId: "accessEvaluations",
    method: "post",
    path: "/api/access/v1/evaluations",
    tag,
    summary: "Ask several such questions at once",
    description:
      "At most 100. What an evaluation leaves out is taken from the top of the body. A batch without evaluations is a single one, and is answered as one. An evaluation that is none of the caller's business, or that failed, is false with the code `not_your_decision` or the failure's.",
    callers: true,
    body: {
      schema: "EvaluationsRequest",
      required: true,
      examples: {
        batch: {
          summary: "One client, several agents",
          value: {
            subject: subject(EXAMPLE.client),
            action,
            evaluations: [
              { resource: resource(EXAMPLE.agent) },
              { resource: resource(EXAMPLE.agentWithDisabledScope) },
              { subject: subject(EXAMPLE.stranger), resource: resource(EXAMPLE.agent) },
            ],
          },
        },
        first_permit: {
          summary: "Until the first that is allowed",
          value: {
            ...question,
            evaluations: [{ resource: resource(EXAMPLE.agentWithDisabledScope) }, {}, {}],
            options: { evaluations_semantic: "permit_on_first_permit" },
          },
        },
        single: { summary: "Without evaluations: a single one", value: question },
      },
    },
    answers: [
      {
        status: 200,
        description: "The decisions, in the order of the questions.",
        schema: ["Evaluations", "Evaluation"],
        examples: {
          batch: {
            summary: "Allowed, denied, and none of the caller's business",
            value: {
              evaluations: [
                decision("pre_authorized"),
                decision("scope_disabled", 1),
                decision("not_your_decision"),
              ],
            },
          },
          first_permit: {
            summary: "Up to the first that was allowed",
            value: { evaluations: [decision("scope_disabled", 1), decision("pre_authorized")] },
          },
          failed: {
            summary: "Two that failed",
            value: {
              evaluations: [
                decision("directory_unavailable"),
                decision("directory_unavailable"),
                decision("not_your_decision"),
              ],
            },
          },
          single: { summary: "A single one", value: decision("pre_authorized") },
        },
      },
      ...problemAnswers([
        ...bodyProblems(asked),
        aboutOthers("You may ask about yourself only: as the subject, or as the resource."),
        ...callerProblems({ withGraph: true }),
      ]),
    ],
  },
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
        ...callerProblems({ withGraph: true }),
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
        ...bodyProblems(asked),
        aboutOthers("You may search the agents for yourself only: subject.id must be your client id."),
        ...callerProblems({ withGraph: true }),
      ]),
    ],
  },
];
