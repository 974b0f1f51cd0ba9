import { endpoint } from "../http/endpoint.ts";
import type { StaticFilePorts } from "../http/static-file.ts";

interface OpenApiPorts extends StaticFilePorts {
  /** Where callers reach LKPS: the document's server, which is the root of where the document came from without it. */
  readonly publicBaseUrl: string | undefined;
}

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
