import { EnvironmentCredential, WorkloadIdentityCredential } from "@azure/identity";
import * as z from "zod";
import type { Settings } from "./settings.ts";

/**
 * The agent's own access token for LKPS.
 *
 * Entra ID gives it to the agent's app registration: by a federated credential on Kubernetes (workload identity), by
 * `AZURE_CLIENT_SECRET` or a certificate elsewhere. Both name `AZURE_CLIENT_ID`. `DefaultAzureCredential` would go on to
 * whoever is signed in on the machine, or to a managed identity, which has no app registration on which the owner could
 * list clients.
 * @throws where the credential is missing or refused
 */
export async function accessToken(settings: Settings): Promise<string> {
  // The SDK talks to nothing but https, which the local stand-in is not.
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
  });
  if (!response.ok) throw new Error(`No access token: ${await response.text()}`);
  return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
}
