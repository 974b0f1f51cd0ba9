import { endpoint } from "../http/endpoint.ts";
import type { ConsolePorts } from "./ports.ts";

/** `GET /api/console/configuration`: where the console's pages sign people in, and for what. Nothing in it is secret. */
export const consoleConfiguration = endpoint(
  {
    name: "consoleConfiguration",
    method: "GET",
    route: "api/console/configuration",
    caller: "none",
    documentation: {
      tag: "Console",
      summary: "Get how the console signs people in",
      description: "For the pages at `/console`. Nothing in it is secret. Not found if the console is off.",
    },
    responses: { 200: "ConsoleConfiguration" },
  },
  ({ console: { authority, clientId, scope, graphBaseUrl } }: Pick<ConsolePorts, "console">) =>
    async () => ({
      jsonBody: { authority, client_id: clientId, scope, graph_base_url: graphBaseUrl },
    }),
);
