import type { ClientId } from "./client-id.ts";

/** The caller according to a verified access token. */
export interface VerifiedToken {
  /** The application that the token was issued to. */
  readonly clientId: ClientId;
  /** False if a user signed in through the application. */
  readonly isApplicationToken: boolean;
}
