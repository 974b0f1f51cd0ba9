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

declare const personIdBrand: unique symbol;

/** A person who is signed in to the console: the object id of a user, a GUID in lower case. */
export type PersonId = string & { readonly [personIdBrand]: true };

/** Where people sign in to the console, and for what. */
export interface ConsoleSettings {
  /** The tenant's address at Entra. */
  readonly authority: string;
  readonly clientId: ClientId;
  /** {@link PERSON_SCOPE}, with the audience that it belongs to. */
  readonly scope: string;
  readonly graphBaseUrl: string;
}

/** The delegated permission scope of LKPS that a person's access token has. */
export const PERSON_SCOPE = "access_as_user";

/**
 * Returns the person that an access token was issued for; `undefined` unless it was issued to the console, for a user,
 * with {@link PERSON_SCOPE}.
 */
export function personOf(
  { clientId, scopes, objectId }: VerifiedToken,
  consoleClientId: ClientId,
): PersonId | undefined {
  // A token of the application itself also has an object id, that of its service principal, but no scopes.
  if (clientId !== consoleClientId || !scopes.includes(PERSON_SCOPE)) return undefined;
  return objectId as PersonId | undefined;
}
