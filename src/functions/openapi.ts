import { endpoint } from "../http/endpoint.ts";
import type { StaticFilePorts } from "../http/static-file.ts";

interface OpenApiPorts extends StaticFilePorts {
  /**
   * The URL that callers use, which becomes the document's server. If undefined, the server is the root of
   * the document's own URL.
   */
  readonly publicBaseUrl: string | undefined;
}

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
  ({ readShippedFile, publicBaseUrl }: OpenApiPorts) =>
    async () => {
      const { content } = await readShippedFile("openapi.json");
      const headers = { "content-type": "application/json", "x-content-type-options": "nosniff" };
      if (publicBaseUrl === undefined) return { headers, body: content };
      const document = Buffer.from(content).toString();
      const server = `"servers":[{"url":${JSON.stringify(publicBaseUrl)}`;
      return { headers, body: document.replace('"servers":[{"url":"/"', () => server) };
    },
);
