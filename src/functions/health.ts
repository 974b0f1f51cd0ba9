import { endpoint } from "../http/endpoint.ts";

/** `GET /api/health`: says that the process is running. Checks no dependency. */
export const health = endpoint(
  {
    name: "health",
    method: "GET",
    route: "api/health",
    caller: "none",
    documentation: {
      tag: "Service",
      summary: "Check that LKPS is running",
      description: "Does not check any dependency.",
    },
    responses: { 200: "Health" },
  },
  ({ version }: { readonly version: string }) =>
    async () => ({ jsonBody: { status: "ok", version } }),
);
