import { parseGuid } from "../domain/client-id.ts";

/** What a page token belongs to: the endpoint, and the entities of the question, whose ids may be in any letter case. */
export type PagedQuestion = readonly [endpoint: string, ...entities: unknown[]];

// Characters of a SHA-256 hash in base64url: enough that no token is valid by accident. It is not a secret: a caller
// that computes a token can only move within its own list.
const DIGEST_LENGTH = 16;

/** Creates the token of the page after `after`. Opaque to callers, so that the format may change. */
export async function createPageToken(question: PagedQuestion, after: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${after}\n${textOf(question)}`);
  const digest = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("base64url");
  return digest.slice(0, DIGEST_LENGTH) + Buffer.from(after).toString("base64url");
}

/**
 * Returns where the page of a token starts: after which id, `""` for the first page. `undefined` if LKPS did
 * not create the token, or created it for another question.
 */
export async function readPageToken(question: PagedQuestion, token: string): Promise<string | undefined> {
  if (token === "") return "";
  const after = Buffer.from(token.slice(DIGEST_LENGTH), "base64url").toString();
  return (await createPageToken(question, after)) === token ? after : undefined;
}

function textOf(question: PagedQuestion): string {
  const withIds = (name: string, value: unknown) => (name === "id" ? (parseGuid(value) ?? value) : value);
  try {
    return JSON.stringify(question, withIds);
  } catch {
    // Properties that are nested thousands deep overflow the stack. LKPS ignores them anyway.
    return JSON.stringify(question, (name, value) =>
      name === "properties" ? undefined : withIds(name, value),
    );
  }
}
