import { endpoint } from "../http/endpoint.ts";
import type { Ports } from "./ports.ts";

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
  ({ version }: Pick<Ports, "version">) =>
    async () => ({ jsonBody: { status: "ok", version } }),
);
