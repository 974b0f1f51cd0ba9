import * as z from "zod/mini";
import { type ClientId, parseClientId } from "../domain/client-id.ts";
import { action, resource, searchedResource, searchedSubject, subject } from "./evaluation-body.ts";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;
const limitError = `page.limit must be a whole number from 1 to ${MAX_LIMIT}.`;

const limit = z
  .int({ error: limitError })
  .check(z.minimum(1, { error: limitError }), z.maximum(MAX_LIMIT, { error: limitError }));
const token = z.string({ error: "page.token must be a string." }).check(
  z.refine((value) => value === "" || fromPageToken(value) !== undefined, {
    error: "page.token is invalid.",
  }),
);
const page = z._default(
  z
    .object(
      { limit: z._default(limit, DEFAULT_LIMIT), token: z.optional(token) },
      { error: "page must be an object." },
    )
    .check(z.meta({ id: "PageRequest" })),
  { limit: DEFAULT_LIMIT },
);

const error = "The body must be a JSON object.";

/** The body of `POST /api/access/v1/search/subject`. */
export const subjectSearchBody = z.object({ subject: searchedSubject, action, resource, page }, { error });

/** The body of `POST /api/access/v1/search/resource`. */
export const resourceSearchBody = z.object({ subject, action, resource: searchedResource, page }, { error });

/**
 * Encodes the last id of a page as a page token; `""` on the last page. Opaque, so that the format may
 * change.
 */
export function toPageToken(id: ClientId | undefined): string {
  return id === undefined ? "" : Buffer.from(id).toString("base64url");
}

/** Decodes a page token; `undefined` if it is invalid or missing. */
export function fromPageToken(token: string | undefined): ClientId | undefined {
  return parseClientId(Buffer.from(token ?? "", "base64url").toString());
}
