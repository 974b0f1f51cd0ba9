import { EnvironmentCredential, WorkloadIdentityCredential } from "@azure/identity";
import * as z from "zod";
import type { Settings } from "./settings.ts";

/**
 * The agent's own access token for LKPS.
 *
 * Entra ID issues it to the agent's app registration, `AZURE_CLIENT_ID`: for a federated credential on Kubernetes
 * (workload identity), and for `AZURE_CLIENT_SECRET` or a certificate elsewhere. `DefaultAzureCredential` would fall
 * back to whoever is signed in on the machine, or to a managed identity, which has no app registration where its owner
 * could list clients.
 * @throws if the credential is missing or rejected
 */
export async function accessToken(settings: Settings): Promise<string> {
  // The SDK supports https only, and the local stand-in uses http.
  if (settings.ENTRA_TOKEN_URL !== undefined) return await localToken(settings.ENTRA_TOKEN_URL, settings);
  const credential =
    settings.AZURE_FEDERATED_TOKEN_FILE === undefined
      ? new EnvironmentCredential()
      : new WorkloadIdentityCredential();
  return (await credential.getToken(settings.LKPS_SCOPE)).token;
}

async function localToken(url: string, settings: Settings): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: settings.AZURE_CLIENT_ID,
      client_secret: settings.AZURE_CLIENT_SECRET ?? "",
      scope: settings.LKPS_SCOPE,
    }),
  }).catch((cause: unknown) => {
    throw new Error(`The local Entra ID does not answer at ${new URL(url).origin}. Run npm start.`, {
      cause,
    });
  });
  if (!response.ok) throw new Error(`No access token: ${await response.text()}`);
  return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
}
