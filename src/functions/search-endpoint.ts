import type * as z from "zod/mini";
import type { PageRequest, SearchOutcome } from "../application/search-access.ts";
import type { ResponseBodies, ResponseName } from "../contract/responses.ts";
import { MAX_PAGE_LIMIT, type PageBody } from "../contract/search-body.ts";
import type { ClientId } from "../domain/client-id.ts";
import type { PageTokens } from "../domain/ports.ts";
import { endpoint, GRAPH_PROBLEMS, type RequestContext } from "../http/endpoint.ts";
import { invalidRequest } from "../http/json-body.ts";
import { Problem } from "../http/problem.ts";

type FoundName = "FoundSubjects" | "FoundResources" | "FoundActions";

type Result<Name extends FoundName> = ResponseBodies[Name]["results"][number];
interface FoundBody<Name extends FoundName> {
  readonly page: { readonly next_token: string };
  readonly results: readonly Result<Name>[];
  readonly context?: { readonly enforce_client_authz: false };
}

/** What the three searches of AuthZEN do not have in common. */
interface Search<Ports, Body, Name extends FoundName> {
  readonly name: string;
  readonly route: string;
  readonly summary: string;
  readonly description: string;
  readonly body: { readonly name: string; readonly schema: z.ZodMiniType<Body> };
  readonly response: Name;
  /** Tells a caller what it can search for. */
  readonly notYours: string;
  readonly search: (
    ports: Ports,
    caller: ClientId,
    body: Body,
    page: PageRequest,
    context: RequestContext,
  ) => Promise<SearchOutcome>;
  readonly toResult: (id: string, body: Body) => Result<Name>;
}

/** Defines the endpoint of a search. In the response, `page` is the first member, as AuthZEN recommends. */
export function searchEndpoint<Ports, Body extends { readonly page: PageBody }, Name extends FoundName>({
  name,
  route,
  summary,
  description,
  body: definition,
  response,
  notYours,
  search,
  toResult,
}: Search<Ports, Body, Name>) {
  return endpoint(
    {
      name,
      method: "POST",
      route,
      caller: "required",
      documentation: { tag: "Access", summary, description },
      body: definition,
      responses: { 200: response },
      problems: ["not_your_decision", ...GRAPH_PROBLEMS],
    },
    (ports: Ports & { readonly pageTokens: PageTokens }) => async (context) => {
      const { caller, body } = context;
      const { page, ...entities } = body;
      const respond = (jsonBody: FoundBody<Name>) => ({
        jsonBody: jsonBody as ResponseBodies[Extract<Name, ResponseName>],
      });
      const question = [route, entities] as const;
      const after = page.token ? ports.pageTokens.open(question, page.token) : "";
      if (after === undefined) return invalidRequest("page.token is invalid, or belongs to another search.");
      const limit = Math.min(page.limit, MAX_PAGE_LIMIT);
      const found = await search(ports, caller, body, { after, limit }, context);
      if (found.kind === "not_your_decision") return new Problem(found.kind, { detail: notYours });
      if (found.kind === "any_client") {
        const context = { enforce_client_authz: false } as const;
        return respond({ page: { next_token: "" }, results: [], context });
      }
      const nextToken = found.next === undefined ? "" : ports.pageTokens.seal(question, found.next);
      const results = found.ids.map((id) => toResult(id, body));
      return respond({ page: { next_token: nextToken }, results });
    },
  );
}
