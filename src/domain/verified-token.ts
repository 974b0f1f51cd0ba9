import type { ClientId } from "./client-id.ts";

/** What an access token that counts says about its caller. */
export interface VerifiedToken {
  /** The application that it was issued to. */
  readonly clientId: ClientId;
  /** False for a token of a user through the application. */
  readonly isApplicationToken: boolean;
}
