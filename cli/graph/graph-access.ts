/** A response from Graph, with any status. */
export interface GraphResponse {
  readonly status: number;
  /** The parsed body; `undefined` if it is not JSON. */
  readonly json: unknown;
}

/** Where Graph is, and who reads it. */
export interface GraphAccess {
  readonly url: string;
  /** The user or application that is signed in, according to its token. */
  readonly signedInAs: string | null;
  readonly tenantId: string | null;
}
