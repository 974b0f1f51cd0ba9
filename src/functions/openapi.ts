import { endpoint } from "../http/endpoint.ts";
import type { Ports } from "./ports.ts";

/**
 * `GET /api/openapi.json`: the API as OpenAPI 3.1, generated from the endpoints at build time
 * (`tools/openapi`).
 */
export const openapi = endpoint(
  {
    name: "openapi",
    method: "GET",
    route: "api/openapi.json",
    caller: "none",
    documentation: {
      tag: "Service",
      summary: "Get this document",
      description: "OpenAPI 3.1, generated from the endpoints and the schemas that validate requests.",
    },
    responses: { 200: "OpenApiDocument" },
  },
  ({ readShippedFile, publicBaseUrl }: Pick<Ports, "readShippedFile" | "publicBaseUrl">) =>
    async () => {
      const { content } = await readShippedFile("openapi.json");
      const headers = { "content-type": "application/json", "x-content-type-options": "nosniff" };
      if (publicBaseUrl === undefined) return { headers, body: content };
      const document = Buffer.from(content).toString();
      const server = `"servers":[{"url":${JSON.stringify(publicBaseUrl)}`;
      return { headers, body: document.replace('"servers":[{"url":"/"', () => server) };
    },
);
