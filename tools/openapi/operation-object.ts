import type { AnswerDefinition, Endpoint } from "../../src/http/endpoint.ts";
import type { QueryParameter } from "../../src/http/query.ts";
import { schemaRef } from "./components.ts";
import type { AnswerExamples, OperationExamples } from "./operation-examples.ts";
import { headersOf } from "./parts.ts";
import { problemAnswersOf } from "./problems.ts";
import type { SharedResponses } from "./shared-responses.ts";

type AnyEndpoint = Omit<Endpoint<never>, "handler">;

/** What any endpoint may be answered by: by a gateway in front of LKPS, and by what was added later. */
export const commonResponses = {
  RefusedByGateway: { description: "The gateway refused the request.", content: problemContent({}) },
  OtherFailure: { description: "Any other failure.", content: problemContent({}) },
};
const commonResponse = (name: keyof typeof commonResponses) => ({ $ref: `#/components/responses/${name}` });

/** An endpoint as OpenAPI has it. */
export function operationObject(endpoint: AnyEndpoint, shown: OperationExamples, shared: SharedResponses) {
  const { name, documentation, caller, body, query = {}, route } = endpoint;
  const parameters = [
    ...[...route.matchAll(/\{(\w+)\}/g)].map(([, parameter = ""]) => pathParameter(parameter)),
    ...Object.entries(query).map(([parameter, rule]) => queryParameter(parameter, rule)),
  ];
  return {
    operationId: name,
    tags: [documentation?.tag],
    summary: documentation?.summary,
    description: documentation?.description,
    // Empty: nobody is asked who they are.
    ...(caller === "none" && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: body.whenEmpty === undefined,
        content: {
          "application/json": { schema: schemaRef(body.name), examples: shown.body?.examples ?? {} },
        },
      },
    }),
    responses: {
      ...Object.fromEntries(
        responsesOf(endpoint, shown).map(([status, response]) => [status, shared.refer(response)]),
      ),
      // By its number: clients of NSwag do not compile with a 4XX.
      ...(caller === "none" && { 400: commonResponse("RefusedByGateway") }),
      default: commonResponse("OtherFailure"),
    },
  };
}

/** The responses of an endpoint by their status: first what it promises, then its problems. */
export function responsesOf(
  endpoint: AnyEndpoint,
  { answers, details }: OperationExamples,
): [number, unknown][] {
  const promised = Object.entries(endpoint.answers).map(([status, definition]): [number, unknown] => {
    const shown = answers.find((one) => one.status === Number(status));
    const headers = headersOf(Number(status));
    return [
      Number(status),
      { description: shown?.description ?? "", ...headers, ...contentOf(definition, shown?.examples ?? {}) },
    ];
  });
  const problems = problemAnswersOf(endpoint, details).map(
    ({ status, description, examples }): [number, unknown] => [
      status,
      { description, ...headersOf(status), content: problemContent(examples) },
    ],
  );
  return [...promised, ...problems];
}

function contentOf(definition: AnswerDefinition, examples: AnswerExamples["examples"]) {
  if (definition === null) return {};
  const shown = Object.keys(examples).length > 0 && { examples };
  const [mediaType, schema] =
    typeof definition === "string"
      ? ["application/json", schemaRef(definition)]
      : [definition.mediaType, { type: "string" }];
  return { content: { [mediaType]: { schema, ...shown } } };
}

function problemContent(examples: AnswerExamples["examples"]) {
  const shown = Object.keys(examples).length > 0 && { examples };
  return { "application/problem+json": { schema: schemaRef("Problem"), ...shown } };
}

function pathParameter(name: string) {
  const schema = { type: "string", format: "uuid" };
  return { name, in: "path", required: true, description: "As listed by `GET /api/agent/sessions`.", schema };
}

function queryParameter(name: string, parameter: QueryParameter) {
  const schema =
    "minValue" in parameter
      ? {
          type: "integer",
          minimum: parameter.minValue,
          maximum: parameter.maxValue,
          default: parameter.defaultValue,
        }
      : { type: "string" };
  return { name, in: "query", description: parameter.description, schema };
}
