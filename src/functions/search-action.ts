import { searchActions } from "../application/search-access.ts";
import { actionSearchBody } from "../contract/search-body.ts";
import { NOT_YOUR_DECISION } from "./access-evaluation.ts";
import { searchEndpoint } from "./search-endpoint.ts";

/** `POST /api/access/v1/search/action`: what a client may do with an agent (AuthZEN). */
export const searchAction = searchEndpoint({
  name: "searchAction",
  route: "api/access/v1/search/action",
  summary: "Find what a client may do with an agent",
  description:
    "The caller is the client application (the subject) or the agent (the resource). The only action is `access_as_client`: the client may start sessions.",
  body: { name: "ActionSearchRequest", schema: actionSearchBody },
  response: "FoundActions",
  notYours: NOT_YOUR_DECISION,
  search: searchActions,
  toResult: (name) => ({ name }),
});
