/** An application of the local directory. Its secret is public: it is in the repository. */
interface LocalApplication {
  client_id: string;
  display_name: string;
  client_secret: string;
}

/**
 * Lists the applications of the local stack's stand-in for Entra ID.
 * @throws if the stand-in does not answer
 */
export async function localApplications(tokenUrl: string): Promise<LocalApplication[]> {
  const response = await fetch(new URL("/local-stack", tokenUrl)).catch((cause: unknown) => {
    throw new Error(`The local Entra ID does not answer at ${new URL(tokenUrl).origin}. Run npm start.`, {
      cause,
    });
  });
  return ((await response.json()) as { applications: LocalApplication[] }).applications;
}

/**
 * Gets an access token for LKPS from the stand-in, as one of its applications.
 * @throws if the stand-in does not issue one
 */
export async function localToken(clientId: string, tokenUrl: string, scope: string): Promise<string> {
  const found = (await localApplications(tokenUrl)).find(({ client_id }) => client_id === clientId);
  const { client_secret = "" } = found ?? {};
  const response = await fetch(tokenUrl, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret,
      scope,
    }),
  });
  const { access_token, error_description } = (await response.json()) as {
    access_token?: string;
    error_description?: string;
  };
  if (access_token !== undefined) return access_token;
  throw new Error(`The local Entra ID issued no access token: ${error_description}`);
}
