import { audiences, tenantId } from "../../dev/local-defaults.ts";
import type { Stack } from "../../dev/stack.ts";

const SCHEME = "Authentication__Schemes__Bearer__";
const ORIGINS = "Cors__Origins__";

/**
 * The sample gateway's settings, as a deployment sets them.
 * @param port - of what it takes for LKPS
 * @param origins - whose pages may call
 */
export function gatewaySettings(
  { entra, functionKey }: Stack,
  port: number,
  origins: readonly string[] = [],
): Record<string, string> {
  return {
    ...Object.fromEntries(origins.map((origin, index) => [`${ORIGINS}${index}`, origin])),
    LKPS_URL: `http://127.0.0.1:${port}`,
    LKPS_FUNCTION_KEY: functionKey,
    [`${SCHEME}Authority`]: `${entra.url}/${tenantId}/v2.0`,
    [`${SCHEME}RequireHttpsMetadata`]: "false",
    [`${SCHEME}ValidIssuers__0`]: entra.issuers.v2,
    [`${SCHEME}ValidIssuers__1`]: entra.issuers.v1,
    [`${SCHEME}ValidAudiences__0`]: audiences[0] ?? "",
    [`${SCHEME}ValidAudiences__1`]: audiences[1] ?? "",
  };
}
