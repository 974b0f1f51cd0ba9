import { endpoints } from "../../src/endpoints.ts";
import { nameForOwners } from "../../src/http/endpoint.ts";
import { schemaComponents } from "./components.ts";
import { authorizationOperations } from "./examples/authorization.ts";
import { evaluationOperations } from "./examples/evaluations.ts";
import { registrationOperations } from "./examples/registration.ts";
import { searchOperations } from "./examples/searches.ts";
import { serviceOperations } from "./examples/service.ts";
import { sessionOperations } from "./examples/session.ts";
import { sessionListOperations } from "./examples/session-list.ts";
import { commonResponses, operationObject, responsesOf } from "./operation-object.ts";
import { sharedResponses } from "./shared-responses.ts";
import { headerComponents, security, securitySchemes, tags } from "./tags-and-headers.ts";

const description = `**Callers** send an access token for LKPS, issued by Microsoft Entra ID to the calling application, as \`Authorization: Bearer\`. LKPS identifies the caller by it.

**To get a token,** an agent or a server sends its own credential to the tenant's token endpoint: \`POST https://login.microsoftonline.com/TENANT/oauth2/v2.0/token\` with \`grant_type=client_credentials\`, \`client_id\`, \`client_secret\`, and \`scope=api://LKPS/.default\`, where LKPS is the client id of LKPS's app registration. A page or a mobile app gets its user's token with [MSAL](https://learn.microsoft.com/entra/identity-platform/msal-overview) and the scope \`api://LKPS/access_as_user\`. Ask the operators of LKPS for the tenant and the client id.

**Errors** are \`application/problem+json\` (RFC 9457). Use \`code\` in programs, and expect new codes. \`detail\` tells people what to do, and \`type\` links to an explanation. LKPS fails closed: if it can't decide, it rejects the request.

**Every answer** has \`Cache-Control: no-store\`, and echoes \`X-Request-ID\` if it is 1 to 128 printable ASCII characters.

**The ids in the examples** are those of the local stack (\`npm start\`). There, register the agent first, and sign in as *Agent (everything right)* for what an agent asks: everything under \`/api/agent\`, and the search for subjects. Sign in as *Client (approved)* for everything else. Then you can send the examples as they are; a session's id is from your own list of sessions.`;

/**
 * Generates the OpenAPI document from the endpoints at build time.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApiDocument(version: string) {
  const agentsOwn = [...registrationOperations, ...authorizationOperations, ...sessionListOperations];
  const shown = [
    ...sessionOperations,
    ...agentsOwn,
    ...agentsOwn.map((own) => ({ ...own, operationId: nameForOwners(own.operationId) })),
    ...evaluationOperations,
    ...searchOperations,
    ...serviceOperations(version),
  ];
  const operations = endpoints
    .filter(({ documentation }) => documentation !== undefined)
    .map((endpoint) => {
      const examples = shown.find(({ operationId }) => operationId === endpoint.name);
      if (examples === undefined) throw new Error(`${endpoint.name} has no examples.`);
      return { endpoint, examples };
    });
  const responses = sharedResponses(
    operations.flatMap(({ endpoint, examples }) =>
      responsesOf(endpoint, examples).map(([, response]) => response),
    ),
  );
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { endpoint, examples } of operations) {
    const path = `/${endpoint.route}`;
    paths[path] ??= { parameters: [{ $ref: "#/components/parameters/RequestId" }] };
    Object.assign(paths[path], {
      [endpoint.method.toLowerCase()]: operationObject(endpoint, examples, responses),
    });
  }
  return {
    // 3.1.1 only clarifies it, and some generators reject it.
    openapi: "3.1.0",
    info: {
      title: "LKPS",
      summary:
        "Starts LiveKit sessions with AI agents for the client applications that their owners approved.",
      description,
      version,
      license: { name: "MIT", identifier: "MIT" },
    },
    // Relative: the Host header comes from the caller, and behind a gateway it names another host.
    servers: [{ url: "/", description: "The host that served this document" }],
    tags,
    security,
    paths,
    components: {
      schemas: schemaComponents(),
      parameters: {
        RequestId: {
          name: "X-Request-ID",
          in: "header",
          description: "Returned in the response.",
          schema: { type: "string" },
        },
      },
      headers: headerComponents,
      responses: { ...responses.components, ...commonResponses },
      securitySchemes,
    },
  };
}
