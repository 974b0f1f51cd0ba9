import type { HttpTrigger } from "../http/endpoint.ts";
import type { ReadShippedFile } from "./docs-file.ts";

/** `GET /api/openapi.json`: the contract as OpenAPI 3.1, made from the schemas that check requests (`tools/openapi`). */
export function openapi(readShippedFile: ReadShippedFile): HttpTrigger {
  return {
    name: "openapi",
    methods: ["GET"],
    route: "api/openapi.json",
    caller: "none",
    handle: async () => ({
      headers: { "content-type": "application/json", "x-content-type-options": "nosniff" },
      body: (await readShippedFile("openapi.json")).content,
    }),
  };
}
