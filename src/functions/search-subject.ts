import { isApplicable, SUBJECT_TYPE } from "../application/evaluate-access.ts";
import { type SearchPorts, searchClients } from "../application/search-access.ts";
import { fromPageToken, subjectSearchBody, toPageToken } from "../contract/search-body.ts";
import { parseClientId } from "../domain/client-id.ts";
import { endpoint, GRAPH_PROBLEMS } from "../http/endpoint.ts";
import { Problem } from "../http/problem.ts";

const EMPTY = { results: [], page: { next_token: "" } };

/**
 * `POST /api/access/v1/search/subject`: the clients that may start sessions with the calling agent (AuthZEN).
 */
export const searchSubject = endpoint(
  {
    name: "searchSubject",
    method: "POST",
    route: "api/access/v1/search/subject",
    caller: "required",
    documentation: {
      tag: "Access",
      summary: "Find the clients that may start sessions with the calling agent",
      description: "The caller is the agent, and the resource.",
    },
    body: { name: "SubjectSearchRequest", schema: subjectSearchBody },
    answers: { 200: "FoundSubjects" },
    problems: ["not_your_decision", ...GRAPH_PROBLEMS],
  },
  (ports: SearchPorts) => async (context) => {
    const { caller, body } = context;
    if (!isApplicable(body.subject.type, body.action.name, body.resource.type)) return { jsonBody: EMPTY };
    if (parseClientId(body.resource.id) !== caller) {
      return new Problem("not_your_decision", {
        detail: "You can search only your own clients: resource.id must be your client id.",
      });
    }

    const { token, limit } = body.page;
    const found = await searchClients(ports, caller, { after: fromPageToken(token), limit }, context);
    if (found === "any") return { jsonBody: { ...EMPTY, context: { enforce_client_authz: false } } };
    const results = found.ids.map((id) => ({ type: SUBJECT_TYPE, id }));
    return { jsonBody: { results, page: { next_token: toPageToken(found.next) } } };
  },
);
