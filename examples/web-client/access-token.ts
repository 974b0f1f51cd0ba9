/**
 * The access token for LKPS, which identifies the client application.
 *
 * In production, it is the signed-in user's, from MSAL: `acquireTokenSilent({ scopes: ["api://<LKPS>/.default"] })`, and
 * `acquireTokenPopup` if that requires interaction. Here, the page's own server gets it from the stand-in for Entra ID,
 * as one of the directory's applications. An application's secret never belongs in a page.
 * @see https://learn.microsoft.com/entra/identity-platform/scenario-spa-acquire-token
 */
export async function accessToken(application: string): Promise<string> {
  const response = await fetch(`/access-token?as=${encodeURIComponent(application)}`);
  if (!response.ok) throw new Error(`No access token: ${await response.text()}`);
  return await response.text();
}
