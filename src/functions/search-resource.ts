import { isApplicable, RESOURCE_TYPE } from "../application/evaluate-access.ts";
import { type SearchPorts, searchAgents } from "../application/search-access.ts";
import { fromPageToken, resourceSearchBody, toPageToken } from "../contract/search-body.ts";
import { parseClientId } from "../domain/client-id.ts";
import { endpoint, GRAPH_PROBLEMS } from "../http/endpoint.ts";
import { Problem } from "../http/problem.ts";

/**
 * `POST /api/access/v1/search/resource`: the agents that the calling client may start sessions with
 * (AuthZEN).
 */
export const searchResource = endpoint(
  {
    name: "searchResource",
    method: "POST",
    route: "api/access/v1/search/resource",
    caller: "required",
    documentation: {
      tag: "Access",
      summary: "Find the agents with which the calling client may start sessions",
      description:
        "The caller is the client application, and the subject. Includes agents that have opted out.",
    },
    body: { name: "ResourceSearchRequest", schema: resourceSearchBody },
    answers: { 200: "FoundResources" },
    problems: ["not_your_decision", ...GRAPH_PROBLEMS],
  },
  (ports: SearchPorts) => async (context) => {
    const { caller, body } = context;
    if (!isApplicable(body.subject.type, body.action.name, body.resource.type)) {
      return { jsonBody: { results: [], page: { next_token: "" } } };
    }
    if (parseClientId(body.subject.id) !== caller) {
      return new Problem("not_your_decision", {
        detail: "You can search only for yourself: subject.id must be your client id.",
      });
    }

    const { token, limit } = body.page;
    const found = await searchAgents(ports, caller, { after: fromPageToken(token), limit }, context);
    const results = found.ids.map((id) => ({ type: RESOURCE_TYPE, id }));
    return { jsonBody: { results, page: { next_token: toPageToken(found.next) } } };
  },
);
