import { searchResources } from "../application/search-resources.ts";
import { resourceSearchBody } from "../contract/search-body.ts";
import { searchEndpoint } from "./search-endpoint.ts";

/** `POST /api/access/v1/search/resource`: the agents that the calling client may start sessions with (AuthZEN). */
export const searchResource = searchEndpoint({
  name: "searchResource",
  route: "api/access/v1/search/resource",
  summary: "Find the agents with which the calling client may start sessions",
  description:
    "The caller is the client application, and the subject. Includes agents that have opted out. A page can have fewer results than `limit`, even none, before the last one: continue until `next_token` is empty.",
  body: { name: "ResourceSearchRequest", schema: resourceSearchBody },
  response: "FoundResources",
  notYours: "You can search only for yourself: subject.id must be your client id.",
  search: searchResources,
  toResult: (id, { resource }) => ({ type: resource.type, id }),
});
