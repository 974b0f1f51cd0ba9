import type { PolicyDecisionPoint } from "../application/policy-decision-point.ts";
import { subjectSearchBody } from "../contract/search-body.ts";
import { endpoint, GRAPH_PROBLEMS } from "../http/endpoint.ts";
import { searchResponse } from "./search-response.ts";

const ROUTE = "api/access/v1/search/subject";

/**
 * `POST /api/access/v1/search/subject`: the clients that may start sessions with the calling agent (AuthZEN).
 */
export const searchSubject = endpoint(
  {
    name: "searchSubject",
    method: "POST",
    route: ROUTE,
    caller: "required",
    documentation: {
      tag: "Access",
      summary: "Find the clients that may start sessions with the calling agent",
      description: "The caller is the agent, and the resource.",
    },
    body: { name: "SubjectSearchRequest", schema: subjectSearchBody },
    responses: { 200: "FoundSubjects" },
    problems: ["not_your_decision", ...GRAPH_PROBLEMS],
  },
  ({ decisions }: { readonly decisions: Pick<PolicyDecisionPoint, "searchSubjects"> }) =>
    (context) => {
      const { caller, body } = context;
      return searchResponse({
        question: [ROUTE, body.subject, body.action, body.resource],
        page: body.page,
        search: (page) => decisions.searchSubjects(caller, body, page, context),
        toResult: (id) => ({ type: body.subject.type, id }),
        notYours: "You can search only your own clients: resource.id must be your client id.",
      });
    },
);
