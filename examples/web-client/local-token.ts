// Of the stand-in's directory; they protect nothing.
const SECRETS: Readonly<Record<string, string>> = {
  "c11e4700-0000-4000-8000-000000000001": "approved-secret",
  "c11e4700-0000-4000-8000-000000000002": "stranger-secret",
};

/**
 * An access token for LKPS from the stand-in for Entra ID, as one of its clients.
 * @throws where the stand-in gives none
 */
export async function localToken(application: string, tokenUrl: string, scope: string): Promise<string> {
  const response = await fetch(tokenUrl, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: application,
      client_secret: SECRETS[application] ?? "",
      scope,
    }),
  });
  const { access_token, error_description } = (await response.json()) as {
    access_token?: string;
    error_description?: string;
  };
  if (access_token !== undefined) return access_token;
  throw new Error(`The stand-in gives no token: ${error_description}`);
}
