import type { PolicyDecisionPoint } from "../application/policy-decision-point.ts";
import { actionSearchBody } from "../contract/search-body.ts";
import { endpoint, GRAPH_PROBLEMS } from "../http/endpoint.ts";
import { NOT_YOUR_DECISION } from "./access-evaluation.ts";
import { searchResponse } from "./search-response.ts";

const ROUTE = "api/access/v1/search/action";

/** `POST /api/access/v1/search/action`: what a client may do with an agent (AuthZEN). */
export const searchAction = endpoint(
  {
    name: "searchAction",
    method: "POST",
    route: ROUTE,
    caller: "required",
    documentation: {
      tag: "Access",
      summary: "Find what a client may do with an agent",
      description:
        "The caller is the client application (the subject) or the agent (the resource). The only action is `access_as_client`: the client may start sessions.",
    },
    body: { name: "ActionSearchRequest", schema: actionSearchBody },
    responses: { 200: "FoundActions" },
    problems: ["not_your_decision", ...GRAPH_PROBLEMS],
  },
  ({ decisions }: { readonly decisions: Pick<PolicyDecisionPoint, "searchActions"> }) =>
    (context) => {
      const { caller, body } = context;
      return searchResponse({
        question: [ROUTE, body.subject, body.resource],
        page: body.page,
        search: (page) => decisions.searchActions(caller, body, page, context),
        toResult: (name) => ({ name }),
        notYours: NOT_YOUR_DECISION,
      });
    },
);
