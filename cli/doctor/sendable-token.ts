/** The caller's access token, or the result of a check that has no token to send. */
export type SendableToken =
  | { readonly token: string }
  | { readonly token: null; readonly skipped: readonly [found: string, advice: string | null] };

/** Withholds the token unless the connection is safe enough for it. */
export function sendableToken(token: string | undefined, isSafe: boolean): SendableToken {
  if (token === undefined) {
    const advice = "To run this check, set LKPS_TOKEN, or use --scope, or --local --as.";
    return { token: null, skipped: ["not checked: it needs an access token", advice] };
  }
  if (isSafe) return { token };
  const found = "not checked: the connection is not safe enough to send the token";
  return { token: null, skipped: [found, null] };
}

/** The header that sends the token, if there is one. */
export function authorizationOf({ token }: SendableToken): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` };
}
