import { once } from "node:events";
import { CliError } from "../cli-error.ts";
import { withProgress } from "../progress.ts";

/** A browser sign-in or a slow `az` takes a while; one that hangs must not block the command. */
const SIGN_IN_MS = 60_000;

/**
 * Gets an access token with the sign-in on this machine: environment variables, a managed identity, `az login` and the
 * other sources of `DefaultAzureCredential`, in its order.
 *
 * @param patienceMs - the longest wait
 * @throws CliError `not_signed_in`
 * @see https://learn.microsoft.com/azure/developer/javascript/sdk/authentication/credential-chains
 */
export async function azureToken(
  scope: string,
  tenantId: string | undefined,
  patienceMs = SIGN_IN_MS,
): Promise<string> {
  return await withProgress("Signing in", async () => {
    // Loaded only when needed, because it is slow to load.
    const { DefaultAzureCredential } = await import("@azure/identity");
    try {
      const credential = new DefaultAzureCredential({
        ...(tenantId !== undefined && { tenantId }),
        // `az` and the other tools ignore the signal.
        processTimeoutInMs: patienceMs,
      });
      const abortSignal = AbortSignal.timeout(patienceMs);
      const token = await Promise.race([
        credential.getToken(scope, { abortSignal }),
        whenAborted(abortSignal),
      ]);
      return token.token;
    } catch (error) {
      throw new CliError("not_signed_in", adviceFor(scope, tenantId, error), error);
    }
  });
}

async function whenAborted(signal: AbortSignal): Promise<never> {
  await once(signal, "abort");
  throw signal.reason;
}

function adviceFor(scope: string, tenantId: string | undefined, error: unknown): string {
  const login = `az login${tenantId === undefined ? "" : ` --tenant ${tenantId}`} --scope ${scope}`;
  const reason = entraReason(error);
  return reason === undefined
    ? `You are not signed in to Microsoft Entra ID on this machine. Run \`${login}\` and try again.`
    : `Microsoft Entra ID refused the sign-in: ${reason} Run \`${login}\` and try again.`;
}

/** Entra's own message, out of the messages of all credentials in the chain. */
function entraReason(error: unknown): string | undefined {
  const text = error instanceof Error ? error.message : String(error);
  return /AADSTS\d+: [^\r\n]{1,300}?\.(?=\s|$)/.exec(text)?.[0];
}
