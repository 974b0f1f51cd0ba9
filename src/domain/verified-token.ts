import type { ClientId } from "./client-id.ts";

/** The caller according to a verified access token. */
export interface VerifiedToken {
  /** The application that the token was issued to. */
  readonly clientId: ClientId;
  /** False if a user signed in through the application. */
  readonly isApplicationToken: boolean;
  /** The delegated permission scopes; empty in a token of the application itself. */
  readonly scopes: readonly string[];
  /** The object id, in lower case, of the user or the service principal that the token was issued for. */
  readonly objectId: string | undefined;
}
