import { isApplicable, RESOURCE_TYPE } from "../application/evaluate-access.ts";
import { type SearchPorts, searchAgents } from "../application/search-access.ts";
import { fromPageToken, resourceSearchBody, toPageToken } from "../contract/search-body.ts";
import { parseClientId } from "../domain/client-id.ts";
import type { HttpTrigger } from "../http/endpoint.ts";
import { readJsonBody } from "../http/json-body.ts";
import { Problem } from "../http/problem.ts";

/** `POST /api/access/v1/search/resource`: with which agents the calling client may start sessions, by AuthZEN. */
export function searchResource(ports: SearchPorts): HttpTrigger {
  return {
    name: "searchResource",
    methods: ["POST"],
    route: "api/access/v1/search/resource",
    caller: "required",
    handle: async (visit) => {
      const { request, caller } = visit;
      const body = await readJsonBody(request, resourceSearchBody);
      if (body instanceof Problem) return body;
      if (!isApplicable(body.subject.type, body.action.name, body.resource.type)) {
        return { jsonBody: { results: [], page: { next_token: "" } } };
      }
      if (parseClientId(body.subject.id) !== caller) {
        return new Problem("not_your_decision", {
          detail: "You may search the agents for yourself only: subject.id must be your client id.",
        });
      }

      const { token, limit } = body.page;
      const found = await searchAgents(ports, caller, { after: fromPageToken(token), limit }, visit);
      const results = found.ids.map((id) => ({ type: RESOURCE_TYPE, id }));
      return { jsonBody: { results, page: { next_token: toPageToken(found.next) } } };
    },
  };
}
