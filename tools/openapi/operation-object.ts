import { schemaRef } from "./components.ts";
import type { Answer, Operation } from "./operation.ts";
import { headersOf } from "./parts.ts";
import type { SharedResponses } from "./shared-responses.ts";

/** An operation as OpenAPI has it. */
export function operationObject(
  {
    operationId,
    tag,
    summary,
    description,
    callers,
    pathParameters = [],
    query = [],
    body,
    answers,
  }: Operation,
  shared: SharedResponses,
) {
  const parameters = [
    ...pathParameters.map((parameter) => ({ ...parameter, in: "path", required: true })),
    ...query.map((parameter) => ({ ...parameter, in: "query" })),
  ];
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    // Empty: nobody is asked who they are.
    ...(!callers && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: body.required,
        content: { "application/json": { schema: schemaRef(body.schema), examples: body.examples } },
      },
    }),
    responses: Object.fromEntries(
      answers.map((answer) => [answer.status, shared.refer(responseObject(answer))]),
    ),
  };
}

/** An answer as OpenAPI has it. */
export function responseObject(answer: Answer) {
  const { status, description, schema, examples, contentType = "application/json" } = answer;
  const media = { schema: schemaOf(answer), ...(Object.keys(examples).length > 0 && { examples }) };
  const hasBody = schema !== undefined || answer.contentType !== undefined;
  return {
    description,
    headers: headersOf(status, Object.keys(examples)),
    ...(hasBody && { content: { [contentType]: media } }),
  };
}

function schemaOf({ status, schema, examples }: Answer) {
  if (schema === undefined) return { type: "string" };
  if (typeof schema !== "string") return { anyOf: schema.map(schemaRef) };
  if (schema !== "Problem") return schemaRef(schema);
  const properties = { status: { const: status }, code: { enum: Object.keys(examples) } };
  return { allOf: [schemaRef(schema), { type: "object", properties }] };
}
