import { CouldNotTell } from "../outcome.ts";
import { waiting } from "../progress.ts";

/** A sign-in by a browser or a slow `az` takes its time; one that hangs must not hang the command. */
const SIGN_IN_MS = 60_000;

/**
 * An access token of whoever is signed in on this machine: environment, managed identity, `az login` and the others of
 * `DefaultAzureCredential`, in its order.
 *
 * @throws CouldNotTell `not_signed_in`
 * @see https://learn.microsoft.com/azure/developer/javascript/sdk/authentication/credential-chains
 */
export async function azureToken(scope: string, tenantId: string | undefined): Promise<string> {
  return await waiting("Signing in", async () => {
    // Loaded here, as it takes a while and most commands do without.
    const { DefaultAzureCredential } = await import("@azure/identity");
    try {
      const credential = new DefaultAzureCredential(tenantId === undefined ? {} : { tenantId });
      const token = await credential.getToken(scope, { abortSignal: AbortSignal.timeout(SIGN_IN_MS) });
      return token.token;
    } catch (error) {
      throw new CouldNotTell("not_signed_in", adviceFor(scope, tenantId, error), error);
    }
  });
}

function adviceFor(scope: string, tenantId: string | undefined, error: unknown): string {
  const login = `az login${tenantId === undefined ? "" : ` --tenant ${tenantId}`} --scope ${scope}`;
  const reason = entraReason(error);
  return reason === undefined
    ? `Nobody is signed in to Microsoft Entra ID on this machine. Run \`${login}\` and try again.`
    : `Microsoft Entra ID refused the sign-in: ${reason} Run \`${login}\` and try again.`;
}

/** Entra's own sentence, of all that the credentials of the chain have to say. */
function entraReason(error: unknown): string | undefined {
  const text = error instanceof Error ? error.message : String(error);
  const reason = /AADSTS\d+: [^\r\n]{1,300}?\.(?=\s|$)/.exec(text)?.[0];
  return reason;
}
