/** Reads an application from the Entra stand-in with `fetch` and a token that was requested before. */
export async function openGraph(
  settings: Readonly<Record<string, string | undefined>>,
): Promise<(agent: string) => () => Promise<void>> {
  const { GRAPH_BASE_URL: baseUrl = "", IDENTITY_ENDPOINT: endpoint = "", IDENTITY_HEADER = "" } = settings;
  const query = new URLSearchParams({ "api-version": "2019-08-01", resource: baseUrl });
  const issued = await fetch(`${endpoint}?${query}`, { headers: { "x-identity-header": IDENTITY_HEADER } });
  const { access_token } = (await issued.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${access_token}`, accept: "application/json" };
  return (agent) => {
    const url = `${baseUrl}/v1.0/applications(appId='${agent}')?$select=api`;
    return async () => {
      const response = await fetch(url, { headers });
      if (response.status !== 200) throw new Error(`Graph returned ${response.status}`);
      await response.json();
    };
  };
}
