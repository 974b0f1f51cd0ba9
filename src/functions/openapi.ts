import { endpoint } from "../http/endpoint.ts";
import type { StaticFilePorts } from "../http/static-file.ts";

/** `GET /api/openapi.json`: the contract as OpenAPI 3.1, made from the endpoints when the app is built (`tools/openapi`). */
export const openapi = endpoint(
  {
    name: "openapi",
    method: "GET",
    route: "api/openapi.json",
    caller: "none",
    documentation: {
      tag: "Service",
      summary: "Get this document",
      description: "OpenAPI 3.1, made from the endpoints and the schemas that check requests.",
    },
    answers: { 200: "OpenApiDocument" },
  },
  ({ readShippedFile }: StaticFilePorts) =>
    async () => ({
      headers: { "content-type": "application/json", "x-content-type-options": "nosniff" },
      body: (await readShippedFile("openapi.json")).content,
    }),
);
