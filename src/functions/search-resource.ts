import type { PolicyDecisionPoint } from "../application/policy-decision-point.ts";
import { resourceSearchBody } from "../contract/search-body.ts";
import { endpoint, GRAPH_PROBLEMS } from "../http/endpoint.ts";
import { searchResponse } from "./search-response.ts";

const ROUTE = "api/access/v1/search/resource";

/**
 * `POST /api/access/v1/search/resource`: the agents that the calling client may start sessions with
 * (AuthZEN).
 */
export const searchResource = endpoint(
  {
    name: "searchResource",
    method: "POST",
    route: ROUTE,
    caller: "required",
    documentation: {
      tag: "Access",
      summary: "Find the agents with which the calling client may start sessions",
      description:
        "The caller is the client application, and the subject. Includes agents that have opted out. A page can have fewer results than `limit`, even none, before the last one: continue until `next_token` is empty.",
    },
    body: { name: "ResourceSearchRequest", schema: resourceSearchBody },
    responses: { 200: "FoundResources" },
    problems: ["not_your_decision", ...GRAPH_PROBLEMS],
  },
  ({ decisions }: { readonly decisions: Pick<PolicyDecisionPoint, "searchResources"> }) =>
    (context) => {
      const { caller, body } = context;
      return searchResponse({
        question: [ROUTE, body.subject, body.action, body.resource],
        page: body.page,
        search: (page) => decisions.searchResources(caller, body, page, context),
        toResult: (id) => ({ type: body.resource.type, id }),
        notYours: "You can search only for yourself: subject.id must be your client id.",
      });
    },
);
