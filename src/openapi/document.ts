import { schemaComponents, schemaRef } from "./components.ts";
import type { Answer, Operation } from "./operation.ts";
import { accessOperations } from "./operations/access.ts";
import { ownerOperations } from "./operations/owner.ts";
import { registrationOperations } from "./operations/registration.ts";
import { serviceOperations } from "./operations/service.ts";
import { sessionOperations } from "./operations/session.ts";
import { headerComponents, headersOf, security, securitySchemes, tags } from "./parts.ts";

const description = `LKPS, the LiveKit Platform Service, lets client applications start real-time sessions with AI agents, if the agent's owner has approved them in Microsoft Entra ID.

**Who is calling** is told by the gateway, which checks the caller's access token, or by LKPS itself from that token. Either way a caller sends its Entra access token for LKPS as \`Authorization: Bearer\`.

**Errors** are \`application/problem+json\` (RFC 9457). Programs go by \`code\`, which is stable; \`detail\` tells people what to do. Whatever goes wrong, nobody is let in.

The ids in the examples are those of the local stack (\`npm start\`): there they can be sent as they stand.`;

/** Everything that can be asked of LKPS. */
export const operations = (version: string): readonly Operation[] => [
  ...sessionOperations,
  ...registrationOperations,
  ...ownerOperations,
  ...accessOperations,
  ...serviceOperations(version),
];

/**
 * The contract as OpenAPI 3.1. Made when the app is built, so that it costs no start of it anything.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument(version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations(version)) {
    paths[operation.path] ??= { parameters: [{ $ref: "#/components/parameters/RequestId" }] };
    Object.assign(paths[operation.path] as object, { [operation.method]: operationObject(operation) });
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "LKPS",
      summary:
        "Starts LiveKit sessions with AI agents for the client applications that their owners approved.",
      description,
      version,
      license: { name: "MIT", identifier: "MIT" },
    },
    // Relative: the host lets a caller's Host header through, and behind a gateway it names another.
    servers: [{ url: "/", description: "Where this document came from" }],
    tags,
    security,
    paths,
    components: {
      schemas: schemaComponents(),
      parameters: {
        RequestId: {
          name: "X-Request-ID",
          in: "header",
          description: "Comes back in the answer.",
          schema: { type: "string" },
        },
      },
      headers: headerComponents,
      securitySchemes,
    },
  };
}

function operationObject({
  operationId,
  tag,
  summary,
  description,
  callers,
  query,
  body,
  answers,
}: Operation) {
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    // Empty: nobody is asked who they are.
    ...(!callers && { security: [] }),
    ...(query !== undefined && { parameters: query.map((parameter) => ({ ...parameter, in: "query" })) }),
    ...(body !== undefined && {
      requestBody: {
        required: body.required,
        content: { "application/json": { schema: schemaRef(body.schema), examples: body.examples } },
      },
    }),
    responses: Object.fromEntries(answers.map((answer) => [answer.status, responseObject(answer)])),
  };
}

function responseObject(answer: Answer) {
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
