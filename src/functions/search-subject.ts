import { searchSubjects } from "../application/search-access.ts";
import { subjectSearchBody } from "../contract/search-body.ts";
import { searchEndpoint } from "./search-endpoint.ts";

/** `POST /api/access/v1/search/subject`: the clients that may start sessions with the calling agent (AuthZEN). */
export const searchSubject = searchEndpoint({
  name: "searchSubject",
  route: "api/access/v1/search/subject",
  summary: "Find the clients that may start sessions with the calling agent",
  description: "The caller is the agent, and the resource.",
  body: { name: "SubjectSearchRequest", schema: subjectSearchBody },
  response: "FoundSubjects",
  notYours: "You can search only your own clients: resource.id must be your client id.",
  search: searchSubjects,
  toResult: (id, { subject }) => ({ type: subject.type, id }),
});
