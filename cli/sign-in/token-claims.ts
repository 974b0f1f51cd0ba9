import { isObject } from "../../src/domain/application.ts";

/** What a token says about its holder. It is shown to people; no decision rests on it. */
export interface TokenClaims {
  /** The application that the token was issued to: `azp` of a v2 token, `appid` of a v1 token. */
  readonly application: string | null;
  /** The signed-in user, if there is one. */
  readonly user: string | null;
  readonly tenantId: string | null;
  /** `null` if the token does not say. */
  readonly expiresAt: Date | null;
}

/** The client id of Azure CLI, as which `az login` signs in. */
export const azureCliClientId = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

// Microsoft's own tools. When a person signs in with one of them, the token names the tool, not an agent or a client.
const TOOLS: ReadonlyMap<string, string> = new Map([
  [azureCliClientId, "Azure CLI"],
  ["1950a258-227b-4e31-a9cf-717495945fc2", "Azure PowerShell"],
  ["aebc6443-996d-45c2-90f0-388ff96faa56", "Visual Studio Code"],
  ["872cd9fa-d31f-45e0-9eab-6e460a02d1f1", "Visual Studio"],
]);

/** Reads the claims of a token without verifying it, which only its audience can do; `null` if it is not a JWT. */
export function readClaims(token: string): TokenClaims | null {
  const claims = claimsOf(token);
  if (claims === null) return null;
  const text = (...names: string[]) => {
    const found = names
      .map((name) => claims[name])
      .find((value) => typeof value === "string" && value !== "");
    return (found as string | undefined) ?? null;
  };
  const expires = claims["exp"];
  return {
    application: text("azp", "appid"),
    user: text("preferred_username", "upn", "unique_name"),
    tenantId: text("tid"),
    expiresAt: typeof expires === "number" ? new Date(expires * 1_000) : null,
  };
}

/** The name of the Microsoft tool with this client id. */
export function microsoftTool(application: string | null): string | undefined {
  return TOOLS.get(application?.toLowerCase() ?? "");
}

function claimsOf(token: string): Record<string, unknown> | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return isObject(claims) ? claims : null;
  } catch {
    return null;
  }
}
