import type { HttpTrigger } from "../http/endpoint.ts";

/** `GET /api/health`: the process serves. Asks nothing of anyone. */
export function health(version: string): HttpTrigger {
  return {
    name: "health",
    methods: ["GET"],
    route: "api/health",
    caller: "none",
    handle: async () => ({ jsonBody: { status: "ok", version } }),
  };
}
