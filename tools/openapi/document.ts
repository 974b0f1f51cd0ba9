import { PROBLEMS_PAGE } from "../../src/contract/problem-types.ts";
import { schemaComponents } from "./components.ts";
import type { Operation } from "./operation.ts";
import { operationObject } from "./operation-object.ts";
import { authorizationOperations } from "./operations/authorization.ts";
import { evaluationOperations } from "./operations/evaluations.ts";
import { registrationOperations } from "./operations/registration.ts";
import { searchOperations } from "./operations/searches.ts";
import { serviceOperations } from "./operations/service.ts";
import { sessionOperations } from "./operations/session.ts";
import { sessionListOperations } from "./operations/session-list.ts";
import { headerComponents, security, securitySchemes, tags } from "./parts.ts";
import { sharedResponses } from "./shared-responses.ts";

const description = `**Who is calling** is told by the gateway, which checks the caller's access token, or by LKPS itself from that token. Either way a caller sends its Entra access token for LKPS as \`Authorization: Bearer\`.

**Errors** are \`application/problem+json\` (RFC 9457). Programs go by \`code\`, which is stable; \`detail\` tells people what to do, and \`type\` leads to more. Whatever goes wrong, nobody is let in.

**Every answer** has \`Cache-Control: no-store\`, and the \`X-Request-ID\` of the request if it had one.

The ids in the examples are those of the local stack (\`npm start\`): there they can be sent as they stand.`;

/** Everything that can be asked of LKPS. */
const operationsOf = (version: string): readonly Operation[] => [
  ...sessionOperations,
  ...registrationOperations,
  ...authorizationOperations,
  ...sessionListOperations,
  ...evaluationOperations,
  ...searchOperations,
  ...serviceOperations(version),
];

/**
 * The contract as OpenAPI 3.1. Made when the app is built, so that it costs no start of it anything.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument(version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  const operations = operationsOf(version);
  const responses = sharedResponses(operations);
  for (const operation of operations) {
    paths[operation.path] ??= { parameters: [{ $ref: "#/components/parameters/RequestId" }] };
    Object.assign(paths[operation.path] as object, {
      [operation.method]: operationObject(operation, responses),
    });
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
    externalDocs: { description: "What each error means", url: PROBLEMS_PAGE },
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
      responses: responses.components,
      securitySchemes,
    },
  };
}
