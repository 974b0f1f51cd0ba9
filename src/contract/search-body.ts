import * as z from "zod/mini";
import { action, resource, searchedResource, searchedSubject, subject } from "./evaluation-body.ts";

const DEFAULT_LIMIT = 50;
/** The maximum number of results on a page. A larger limit counts as this one. */
export const MAX_PAGE_LIMIT = 100;
const limitError = "page.limit must be a whole number, 0 or more.";

// Not z.int(), which rejects numbers beyond 2^53.
const limit = z.number({ error: limitError }).check(
  z.refine((value) => Number.isInteger(value) && value >= 0, { error: limitError }),
  z.meta({ type: "integer", minimum: 0 }),
  z.describe(`The maximum number of results. LKPS returns at most ${MAX_PAGE_LIMIT}.`),
);
const token = z
  .string({ error: "page.token must be a string." })
  .check(z.describe("The `page.next_token` of the previous page of the same search."));
const page = z._default(
  z
    .object(
      { token: z.optional(token), limit: z._default(limit, DEFAULT_LIMIT) },
      { error: "page must be an object." },
    )
    .check(z.meta({ id: "PageRequest" })),
  { limit: DEFAULT_LIMIT },
);
/** The requested page. */
export type PageBody = z.output<typeof page>;

/** The body of `POST /api/access/v1/search/subject`. */
export const subjectSearchBody = z.object({ subject: searchedSubject, action, resource, page });

/** The body of `POST /api/access/v1/search/resource`. */
export const resourceSearchBody = z.object({ subject, action, resource: searchedResource, page });

/** The body of `POST /api/access/v1/search/action`. */
export const actionSearchBody = z.object({ subject, resource, page });
