import type { SearchOutcome } from "../application/policy-decision-point.ts";
import type { PageRequest } from "../application/search-access.ts";
import { createPageToken, type PagedQuestion, readPageToken } from "../contract/page-token.ts";
import { MAX_PAGE_LIMIT, type PageBody } from "../contract/search-body.ts";
import type { EndpointResponse } from "../http/endpoint.ts";
import { invalidRequest } from "../http/json-body.ts";
import { Problem } from "../http/problem.ts";

/** What the three searches share: page tokens, and the answer. */
interface Search<Found> {
  /** What the page tokens belong to. */
  readonly question: PagedQuestion;
  readonly page: PageBody;
  readonly search: (page: PageRequest) => Promise<SearchOutcome>;
  readonly toResult: (id: string) => Found;
  /** Tells a caller what it can search for. */
  readonly notYours: string;
}

/** Answers a search. `page` is the first member, as AuthZEN recommends. */
export async function searchResponse<Found>({
  question,
  page,
  search,
  toResult,
  notYours,
}: Search<Found>): Promise<
  EndpointResponse<{
    readonly page: { readonly next_token: string };
    readonly results: Found[];
    readonly context?: { readonly enforce_client_authz: false };
  }>
> {
  const after = await readPageToken(question, page.token ?? "");
  if (after === undefined) return invalidRequest("page.token is invalid, or belongs to another search.");
  const found = await search({ after, limit: Math.min(page.limit, MAX_PAGE_LIMIT) });
  if (found.kind === "not_your_decision") return new Problem(found.kind, { detail: notYours });
  if (found.kind === "any_client") {
    const context = { enforce_client_authz: false } as const;
    return { jsonBody: { page: { next_token: "" }, results: [], context } };
  }
  const nextToken = found.next === undefined ? "" : await createPageToken(question, found.next);
  return { jsonBody: { page: { next_token: nextToken }, results: found.ids.map(toResult) } };
}
